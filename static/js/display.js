// The room's screen. It always receives the whole board; the calls are a numbered log, so each one is shown its time
// and spoken, in order, and a screen that was away is right at once without speaking what is old.
import { attach } from "./attach.js";
import { hourParts, hourText, serverNow } from "./clock.js";
import { paceOf } from "./pace.js";
import { playlist } from "./playlist.js";
import { play, stop } from "./speak.js";

const SPOKEN_MS = 16000; // one sound at most, though it does not end
const STALE_MS = 30000; // an older call is shown, not spoken
const SILENCE_MS = 10000; // without a word from the centre: "sin conexión", also on a screen that never heard one
const WATCH_MS = 500;
const POLL_MS = 3000;
const SETTINGS_MS = 10000; // how soon a change of volume, voices or playlist is live
const IDLE_MS = 20000; // nobody called for so long: the playlist may begin
const LISTED = 4;
const DESKS_MAX = 12;
const WIDE = new Set(["M", "N", "O", "Q", "W"]);
const REMEMBER = "pantalla.seq";

// by how many ventanillas the sala has: the first row that holds them
const LAYOUTS = [
  { upTo: 1, name: "una", desks: false, heading: "Ya llamados" },
  { upTo: 4, name: "pocas", desks: false, heading: "Últimos llamados" },
  { upTo: 8, name: "varias", desks: true, heading: "Por ventanilla" },
  { upTo: Infinity, name: "muchas", desks: true, heading: "Último turno de cada ventanilla" },
];

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// A-047 with the short hyphen of the drawings
const codeInto = (element, code) => {
  const [letter, number] = code.split("-");
  const hyphen = document.createElement("i");
  hyphen.textContent = "-";
  element.replaceChildren(letter, hyphen, number);
};

attach("display", (body) => {
  const { sala } = body.dataset;
  const address = `/pantalla/${sala}`;
  const normal = document.getElementById("normal");
  const cut = document.getElementById("sin-conexion");
  const part = (name, root = normal) => root.querySelector(`[data-part="${name}"]`);
  const media = playlist(part("playlist"));
  const silent = new URLSearchParams(location.search).get("voz") === "no"; // the room's other screen speaks

  let settings = { voices: [], volumes: null, ventanillas: null };
  let known = Number(localStorage.getItem(REMEMBER) || 0); // the last call that began here
  let queue = []; // called, waiting for their time here
  let shown = []; // calls that had their time, oldest first
  let calls = []; // the whole log of the board
  let heard = performance.now(); // when the centre last spoke, on this machine's steady clock
  let centreAt = serverNow().getTime(); // the centre's hour at that moment
  let boardAt = -Infinity; // the centre's hour on the last board; none came yet
  let silentMs = 0; // since it spoke; what this page itself slept is not the centre's silence
  let watched = heard;
  let quietAt = -Infinity; // when the last call ended its time
  let running = 0; // which run shows the queue now; 0 none
  let runningSeq = 0; // the call that has its time now
  let runs = 0;
  let live = false;
  let layout = LAYOUTS[0];

  const centreNow = () => centreAt + (performance.now() - heard);
  const volume = () => (settings.volumes ? settings.volumes[hourParts(new Date(centreNow())).hour] / 100 : 1);
  const voices = () => (silent || !settings.volumes || volume() === 0 ? [] : settings.voices);

  // ---- drawing ----
  const setLayout = (count) => {
    layout = LAYOUTS.find((one) => count <= one.upTo);
    for (const one of LAYOUTS) normal.classList.toggle(one.name, one === layout);
    part("list").hidden = layout.desks;
    part("desks").hidden = !layout.desks;
    part("heading").textContent = layout.heading;
  };

  const drawCurrent = (call) => {
    part("code").hidden = part("pass").hidden = !call;
    part("nobody").hidden = Boolean(call);
    document.getElementById("ahora-t").classList.toggle("solo-lector", !call); // a page keeps its heading
    if (!call) return;
    codeInto(part("code"), call.code);
    part("code").classList.toggle("ancho", WIDE.has(call.code[0]));
    part("code").classList.toggle("largo", call.code.length > 5);
    part("ventanilla").textContent = String(call.ventanilla);
  };

  const current = () => shown[shown.length - 1];

  const drawTables = () => {
    const now = current();
    const hidden = new Set(now && !media.showing ? [now.code] : []); // the large one is not said twice
    const rows = [];
    const fill = (table, list) => {
      table.replaceChildren(...list.map((call) => {
        const row = document.createElement("tr");
        const code = document.createElement("td");
        const desk = document.createElement("td");
        const number = document.createElement("span");
        codeInto(code, call.code);
        number.textContent = String(call.ventanilla);
        desk.append(number);
        row.append(code, desk);
        return row;
      }));
    };
    const seen = new Set();
    const latest = [...shown].reverse().filter((call) => !seen.has(call.code) && seen.add(call.code));
    for (const call of latest) if (!hidden.has(call.code) && rows.length < LISTED) rows.push(call);
    fill(part("calls"), rows);
    fill(part("calls", cut), latest.slice(0, LISTED));
  };

  // Each ventanilla with its last ticket: at once when it calls, though its time on the left is still to come.
  const drawDesks = () => {
    if (!layout.desks) return;
    const last = new Map(calls.map((call) => [call.ventanilla, call]));
    const known = settings.ventanillas || [...last.keys()].sort((a, b) => a - b).map((number) => ({ number, open: true }));
    const some = known.length > DESKS_MAX ? [...known].sort((a, b) => Number(b.open) - Number(a.open)).slice(0, DESKS_MAX).sort((a, b) => a.number - b.number) : known;
    const now = running && current();
    part("desks").style.setProperty("--filas", String(layout.name === "muchas" ? Math.ceil(some.length / 2) : some.length));
    part("desks").replaceChildren(...some.map(({ number, open }) => {
      const item = document.createElement("li");
      const plate = document.createElement("span");
      const code = document.createElement("b");
      const call = open ? last.get(number) : null;
      plate.className = "nro num";
      plate.textContent = String(number);
      if (call) codeInto(code, call.code);
      else code.textContent = open ? "abierta" : "cerrada";
      code.classList.toggle("vacio", !call);
      code.classList.toggle("largo", Boolean(call) && call.code.length > 5);
      item.classList.toggle("llama", Boolean(now) && now.ventanilla === number);
      item.append(plate, code);
      return item;
    }));
  };

  const drawList = () => {
    drawTables();
    drawDesks();
  };

  const drawWaiting = (board) => {
    const codes = board.waiting.slice(0, LISTED);
    part("next").classList.toggle("mudo", !codes.length);
    if (!codes.length) part("next").textContent = "nadie por ahora";
    else part("next").replaceChildren(...codes.map(({ code }) => {
      const one = document.createElement("b");
      codeInto(one, code);
      return one;
    }));
    const count = board.waiting_count === undefined ? board.waiting.length : board.waiting_count;
    part("waiting").textContent = board.waiting_count === undefined && count >= 20 ? "20 o más" : String(count);
  };

  const show = (screen) => {
    normal.hidden = screen !== normal;
    cut.hidden = screen !== cut;
  };

  // ---- the playlist: only while nobody is being called ----
  part("playlist").addEventListener("shown", () => {
    normal.querySelector(".ahora").hidden = true;
    drawTables();
  });
  part("playlist").addEventListener("gone", () => {
    normal.querySelector(".ahora").hidden = false;
    drawTables();
  });
  const rest = () => {
    const free = live && !running && !queue.length && performance.now() - quietAt > IDLE_MS;
    if (free) media.show();
  };

  // ---- the voice ----
  let failed = false;
  const drawMute = () => { part("mute").hidden = silent || !(failed || volume() === 0); };
  const sound = async (path) => {
    const result = await play(address + path, SPOKEN_MS, volume());
    failed = result === false;
    drawMute();
    return result;
  };
  const phrase = (call, language) => `/voz/${call.code}/${call.ventanilla}.wav?idioma=${language}`;
  const speak = async (call, mine) => {
    if (!settings.volumes) { // a board may come before the settings, and a quiet hour is quiet from the start
      await configure();
      failed = !settings.volumes;
      drawMute();
    }
    if (running !== mine || !voices().length) return;
    if (paceOf(queue.length).chime) await sound("/timbre.wav");
    const said = new Set();
    for (const language of voices()) {
      const pace = paceOf(queue.length); // asked again before each phrase: others may have been called meanwhile
      if (running !== mine || (said.size && !pace.others)) return;
      if (said.has(language) && !pace.twice) continue;
      said.add(language);
      await sound(phrase(call, language));
    }
  };

  // The server renders a phrase once and keeps it: asked for while others are said, it is there when its call comes.
  let warming = Promise.resolve();
  const warm = (news) => {
    if (!voices().length) return;
    for (const call of news) {
      warming = warming.then(() => fetch(address + phrase(call, "es"), { cache: "no-store" })).catch(() => null);
    }
  };

  const remember = () => localStorage.setItem(REMEMBER, String(queue.length ? queue[0].seq - 1 : known));

  const runQueue = async () => {
    if (running) return;
    runs += 1;
    const mine = runs;
    running = mine;
    while (queue.length && running === mine) {
      const call = queue.shift();
      runningSeq = call.seq;
      remember();
      shown.push(call);
      media.hide();
      drawCurrent(call);
      drawList();
      normal.classList.remove("llamando");
      void normal.offsetWidth; // the pulse starts again for each call
      normal.classList.add("llamando");
      const began = performance.now(); // its time is the time it can be seen
      await speak(call, mine);
      while (running === mine && performance.now() - began < paceOf(queue.length).shownMs) await pause(100);
      quietAt = performance.now();
    }
    if (running !== mine) return;
    running = 0;
    normal.classList.remove("llamando");
    drawDesks();
  };

  // What nobody heard in time the staff calls aloud.
  const dropQueue = () => {
    running = 0;
    stop();
    media.hide();
    shown.push(...queue);
    queue = [];
    remember();
    normal.classList.remove("llamando");
  };

  // ---- the board ----
  const hear = (now) => {
    heard = performance.now();
    centreAt = Date.parse(now);
    silentMs = 0;
  };

  // An answer may come after the word that overtook it: it is no other log, whose hour would be later.
  const overtaken = (board) => {
    const behind = boardAt - Date.parse(board.now);
    return board.seq <= known && behind > 0 && behind <= STALE_MS;
  };

  const receive = (board) => {
    if (overtaken(board)) return;
    hear(board.now);
    boardAt = centreAt;
    const restarted = board.seq < known; // a restored centre
    if (restarted) {
      known = 0;
      queue = [];
      shown = [];
    }
    const waits = (call) => queue.some((other) => other.code === call.code && other.ventanilla === call.ventanilla);
    const fresh = (call) => call.seq > known && centreAt - Date.parse(call.called_at) <= STALE_MS;
    const news = board.calls.filter((call) => fresh(call) && !waits(call)); // a recall of one that still waits here is the same call
    const queued = new Set([...queue, ...news].map((call) => call.seq));
    calls = board.calls;
    shown = calls.filter((call) => !queued.has(call.seq));
    known = Math.max(known, board.seq);
    queue.push(...news);
    remember();
    warm(news);
    if (running) {
      const index = shown.findIndex((call) => call.seq === runningSeq);
      if (index >= 0) shown.push(...shown.splice(index, 1)); // the one being called stays the last, whatever the log holds
    } else drawCurrent(current());
    const newest = calls[calls.length - 1];
    if (newest) quietAt = Math.max(quietAt, heard - (centreAt - Date.parse(newest.called_at)));
    drawList();
    drawWaiting(board);
    if (!live) {
      live = true;
      normal.removeAttribute("aria-busy");
      part("nobody").textContent = "Aún no hay llamados";
      show(normal);
    }
    runQueue();
  };

  const beat = ({ seq, now }) => {
    if (seq === known && live) hear(now);
    else poll(); // it tells of a board that this screen does not have
  };

  const ask = async (path) => {
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(), 6000);
    try {
      const answer = await fetch(address + path, { headers: { Accept: "application/json" }, cache: "no-cache", signal: patience.signal });
      if (answer.redirected || answer.status === 401 || answer.status === 403) location.reload(); // unpaired meanwhile: the page says how to pair
      return answer.ok ? await answer.json() : null;
    } catch {
      return null; // no link: the silence is told below
    } finally {
      clearTimeout(timer);
    }
  };

  let polling = false;
  const poll = async () => {
    if (polling) return;
    polling = true;
    const board = await ask("/tablero");
    polling = false;
    if (board) receive(board);
  };

  const configure = async () => {
    const answer = await ask("/ajustes");
    if (!answer) return;
    settings = answer;
    part("notice").textContent = answer.notice;
    media.set(answer.media, answer.image_seconds);
    setLayout(answer.ventanillas.length);
    drawMute();
    drawList();
  };

  const watch = () => {
    const now = performance.now();
    silentMs += Math.min(now - watched, 2 * WATCH_MS);
    watched = now;
    rest();
    if (silentMs <= SILENCE_MS || !cut.hidden) return;
    live = false;
    dropQueue();
    const since = hourText(new Date(centreAt), false);
    for (const place of cut.querySelectorAll('[data-part="since"]')) place.textContent = since;
    for (const place of cut.querySelectorAll('[data-part="known"]')) place.hidden = boardAt === -Infinity;
    for (const place of cut.querySelectorAll('[data-part="unknown"]')) place.hidden = boardAt !== -Infinity;
    drawList();
    show(cut);
  };

  const socket = window.io ? window.io("/salas", { auth: { sala }, transports: ["websocket", "polling"], reconnectionDelayMax: 3000 }) : null;
  if (socket) {
    socket.on("tablero", receive);
    socket.on("latido", beat);
    socket.on("disconnect", (reason) => { if (reason === "io server disconnect") setTimeout(() => socket.connect(), POLL_MS); });
    socket.on("connect_error", () => { if (!socket.active) setTimeout(() => socket.connect(), POLL_MS); });
  }
  setLayout(Number(body.dataset.desks));
  drawCurrent(null);
  drawList();
  configure().then(poll);
  setInterval(() => { if (!socket || !socket.connected || performance.now() - heard > 2 * POLL_MS) poll(); }, POLL_MS);
  setInterval(() => { if (live) configure(); }, SETTINGS_MS);
  setInterval(watch, WATCH_MS);
  document.addEventListener("contextmenu", (event) => event.preventDefault());
});
