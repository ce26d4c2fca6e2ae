// The room's screen. It always receives the whole board; the calls are a numbered log, so each one is shown its full time
// and spoken, in order, and a screen that was away is right at once without speaking what is old.
import { attach } from "./attach.js";
import { hourText } from "./clock.js";
import { play, stop } from "./speak.js";

const SHOWN_MS = 8000; // a call stays at least this long, though the next is waiting
const SPOKEN_MS = 16000; // and at most this long, though the voice does not end
const STALE_MS = 30000; // an older call is shown, not spoken
const SILENCE_MS = 10000; // without a word from the centre: "sin conexión"
const POLL_MS = 3000;
const LISTED = 4;
const WIDE = new Set(["M", "N", "O", "Q", "W"]);
const REMEMBER = "pantalla.seq";

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// A-047 with the short hyphen of the drawings
const codeInto = (element, code) => {
  const [letter, number] = code.split("-");
  const hyphen = document.createElement("i");
  hyphen.textContent = "-";
  element.replaceChildren(letter, hyphen, number);
};

attach("display", (body) => {
  const { sala, board: boardUrl, voice: voiceUrl } = body.dataset;
  const normal = document.getElementById("normal");
  const cut = document.getElementById("sin-conexion");
  const part = (name, root = normal) => root.querySelector(`[data-part="${name}"]`);
  // ?voz=es,qu says each call in Spanish, then Quechua; ?voz=no leaves the voice to the room's other screen
  const wanted = new URLSearchParams(location.search).get("voz") || "es,es";
  const voices = wanted === "no" ? [] : wanted.split(",").slice(0, 3);

  let known = Number(localStorage.getItem(REMEMBER) || 0); // the last call seen here
  let first = true;
  let queue = [];
  let shown = []; // calls that had their time, oldest first
  let heard = 0; // when the centre last spoke, on this machine's steady clock
  let centreAt = 0; // the centre's hour at that moment
  let running = 0; // which run shows the queue now; 0 none
  let runs = 0;
  let live = false;

  const centreNow = () => centreAt + (performance.now() - heard);

  // ---- drawing ----
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

  const drawList = () => {
    const current = shown[shown.length - 1];
    const seen = new Set(current ? [current.code] : []);
    const rows = [];
    for (const call of [...shown].reverse()) {
      if (seen.has(call.code) || rows.length === LISTED) continue;
      seen.add(call.code);
      rows.push(call);
    }
    const fill = (table, calls) => {
      table.replaceChildren(...calls.map((call) => {
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
    fill(part("calls"), rows);
    fill(part("calls", cut), current ? [current, ...rows].slice(0, LISTED) : rows);
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
    const count = board.waiting_count ?? board.waiting.length;
    part("waiting").textContent = board.waiting_count === undefined && count >= 20 ? "20 o más" : String(count);
  };

  const show = (screen) => {
    normal.hidden = screen !== normal;
    cut.hidden = screen !== cut;
  };

  // ---- the voice ----
  const sound = async (address) => {
    const result = await play(address, SPOKEN_MS);
    part("mute").hidden = result || voices.length === 0;
    return result;
  };
  const speak = async (call, mine) => {
    if (!voices.length) return;
    await sound(`${voiceUrl}/timbre.wav`);
    for (const language of voices) {
      if (running !== mine) return;
      await sound(`${voiceUrl}/voz/${call.code}/${call.ventanilla}.wav?idioma=${language}`);
    }
  };

  const runQueue = async () => {
    if (running) return;
    runs += 1;
    const mine = runs;
    running = mine;
    while (queue.length && running === mine) {
      const call = queue.shift();
      shown.push(call);
      drawCurrent(call);
      drawList();
      normal.classList.remove("llamando");
      void normal.offsetWidth; // the pulse starts again for each call
      normal.classList.add("llamando");
      await Promise.all([pause(SHOWN_MS), Promise.race([speak(call, mine), pause(SPOKEN_MS)])]);
    }
    if (running !== mine) return;
    running = 0;
    normal.classList.remove("llamando");
  };

  // What nobody heard in time the staff calls aloud.
  const dropQueue = () => {
    running = 0;
    stop();
    shown.push(...queue);
    queue = [];
    normal.classList.remove("llamando");
  };

  // ---- the board ----
  const receive = (board) => {
    heard = performance.now();
    centreAt = Date.parse(board.now);
    const restarted = board.seq < known; // another day's log, or a restored centre
    if (restarted) {
      known = 0;
      queue = [];
      shown = [];
    }
    const fresh = (call) => call.seq > known && centreAt - Date.parse(call.called_at) <= STALE_MS;
    const news = board.calls.filter(fresh);
    const queued = new Set([...queue, ...news].map((call) => call.seq));
    shown = board.calls.filter((call) => !queued.has(call.seq));
    known = Math.max(known, board.seq);
    localStorage.setItem(REMEMBER, String(known));
    queue.push(...news);
    if (!running || first) drawCurrent(shown[shown.length - 1]);
    first = false;
    drawList();
    drawWaiting(board);
    if (!live) {
      live = true;
      show(normal);
    }
    runQueue();
  };

  const beat = ({ seq, now }) => {
    heard = performance.now();
    centreAt = Date.parse(now);
    if (seq !== known || !live) poll();
  };

  let polling = false;
  const poll = async () => {
    if (polling) return;
    polling = true;
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(), 6000);
    try {
      const answer = await fetch(boardUrl, { headers: { Accept: "application/json" }, cache: "no-store", signal: patience.signal });
      if (answer.redirected || answer.status === 401 || answer.status === 403) location.reload(); // unpaired meanwhile: the page says how to pair
      if (answer.ok) receive(await answer.json());
    } catch { /* no link: the silence is told below */ } finally {
      clearTimeout(timer);
      polling = false;
    }
  };

  const watch = () => {
    if (live && performance.now() - heard > SILENCE_MS) {
      live = false;
      dropQueue();
      const since = hourText(new Date(centreAt), false);
      for (const place of cut.querySelectorAll('[data-part="since"]')) place.textContent = since;
      drawList();
      show(cut);
    }
  };

  const socket = window.io ? window.io("/salas", { auth: { sala }, transports: ["websocket", "polling"], reconnectionDelayMax: 3000 }) : null;
  if (socket) {
    socket.on("tablero", receive);
    socket.on("latido", beat);
    socket.on("disconnect", (reason) => { if (reason === "io server disconnect") setTimeout(() => socket.connect(), POLL_MS); });
    socket.on("connect_error", () => { if (!socket.active) setTimeout(() => socket.connect(), POLL_MS); });
  }
  drawCurrent(null);
  drawList();
  poll();
  setInterval(() => { if (!socket || !socket.connected || performance.now() - heard > 2 * POLL_MS) poll(); }, POLL_MS);
  setInterval(watch, 500);
  document.addEventListener("contextmenu", (event) => event.preventDefault());
});
