// How long a call is shown and how it is said, by how many calls wait behind it. A room must not hear at 10:02 who was called
// at 10:00, so the screen says less of each when they pile up; every call keeps its turn, its time and its voice.
const PACES = [
  { behind: 2, shownMs: 8000, chime: true, twice: true, others: true }, // all of it
  { behind: 5, shownMs: 5000, chime: true, twice: false, others: true }, // once in each language
  { behind: Infinity, shownMs: 3500, chime: false, twice: false, others: false }, // once, in Spanish
];

export const paceOf = (waiting) => PACES.find((pace) => waiting <= pace.behind);
