// The hour of Lima by the server's clock: data-now is its instant when the page was made, the PC's own clock only counts on.
import { attach } from "./attach.js";

export const hourParts = (instant) => {
  const lima = new Date(instant.getTime() - 5 * 3600 * 1000);
  return { hour: lima.getUTCHours(), minute: String(lima.getUTCMinutes()).padStart(2, "0"), date: lima };
};

export const hourText = (instant, hours24) => {
  const { hour, minute } = hourParts(instant);
  if (hours24) return `${String(hour).padStart(2, "0")}:${minute}`;
  return `${hour % 12 || 12}:${minute}`;
};

export const half = (instant) => (hourParts(instant).hour < 12 ? "a.\u00a0m." : "p.\u00a0m.");

// Quechua as it is spoken: the days' Spanish names, counted as punchaw and killa
const DAYS = {
  es: ["domingo", "lunes", "martes", "miércoles", "jueves", "viernes", "sábado"],
  en: ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"],
};
const MONTHS = {
  es: ["enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "setiembre", "octubre", "noviembre", "diciembre"],
  en: ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"],
};
const DATES = {
  es: (day, number, month) => `${DAYS.es[day]} ${number} de ${MONTHS.es[month]}`,
  en: (day, number, month) => `${DAYS.en[day]} ${number} ${MONTHS.en[month]}`,
  qu: (day, number, month) => `${DAYS.es[day]} punchaw\n${number} ${MONTHS.es[month]} killa`,
};
export const dayText = (instant, language = "es") => {
  const { date } = hourParts(instant);
  return (DATES[language] || DATES.es)(date.getUTCDay(), date.getUTCDate(), date.getUTCMonth());
};

const loaded = performance.now();
const made = document.querySelector("[data-now]");
const start = made ? Date.parse(made.dataset.now) : Date.now();
export const serverNow = () => new Date(start + (performance.now() - loaded));

attach("clock", (element) => {
  const show = () => {
    const now = serverNow();
    const text = element.querySelector("[data-part=hour]") || element;
    text.textContent = hourText(now, element.dataset.hours === "24");
    const after = element.querySelector("[data-part=half]");
    if (after) after.textContent = half(now);
    const day = element.querySelector("[data-part=day]");
    if (day) day.textContent = dayText(now, element.dataset.language);
  };
  show();
  setInterval(show, 1000);
});
