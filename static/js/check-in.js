// Checking in an appointment at the kiosk: its code on the keypad, or its QR through a scanner that types like a keyboard.
// A scanner begins with the address's first letter, which no key of the kiosk is; what it types never touches a tile.
const CODE_DIGITS = 8;
const IDLE_MS = 45000;
const SCAN_MS = 400; // silence after which a scanner that sends no Enter has finished

export function checkIn(panel, { submit, open, leave }) {
  const boxes = [...panel.querySelectorAll("[data-part=code] b")];
  const read = panel.querySelector("[data-part=read]");
  const said = panel.querySelector("[data-part=said]");
  const send = panel.querySelector("[data-press=arrive]");
  const again = panel.querySelector("[data-part=again]");
  let digits = "";
  let idle = null;
  let busy = false;

  const draw = () => {
    boxes.forEach((box, place) => { box.textContent = digits[place] ?? ""; });
    read.textContent = digits.split("").join(" ");
    send.disabled = digits.length !== CODE_DIGITS;
    clearTimeout(idle);
    idle = setTimeout(leave, IDLE_MS);
  };

  const tell = (text, refused = false) => {
    said.querySelector("p").textContent = text;
    said.hidden = !text;
    said.classList.toggle("esperando", !refused);
    again.hidden = !refused;
  };

  const clear = () => {
    digits = "";
    tell("");
    draw();
  };

  const press = (key) => {
    if (busy) return;
    tell("");
    if (key === "erase") digits = digits.slice(0, -1);
    else if (digits.length < CODE_DIGITS) digits += key;
    draw();
  };

  const arrive = async (text) => {
    if (busy) return;
    busy = true;
    send.setAttribute("aria-busy", "true");
    tell(panel.dataset.checking);
    try {
      const refusal = await submit(text);
      if (refusal) {
        digits = "";
        draw();
        tell(refusal, true);
      }
    } finally {
      busy = false;
      send.removeAttribute("aria-busy");
    }
  };

  panel.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.dataset.digit) press(button.dataset.digit);
    else if (button.dataset.press === "arrive" && digits.length === CODE_DIGITS) arrive(digits);
    else if (button.dataset.press === "leave") leave();
  });

  // ---- the scanner ----
  let scan = null;
  let silence = null;
  const endScan = () => {
    clearTimeout(silence);
    const text = scan;
    scan = null;
    if (text.replace(/\D/g, "").length < CODE_DIGITS) return;
    open();
    arrive(text);
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (scan === null) {
      if (!/^[a-z]$/i.test(event.key)) return;
      scan = "";
    }
    event.stopImmediatePropagation();
    event.preventDefault();
    if (event.key === "Enter") return endScan();
    if (event.key.length === 1) scan += event.key;
    clearTimeout(silence);
    silence = setTimeout(endScan, SCAN_MS);
  }, true);

  return {
    start() {
      clear();
      panel.querySelector("h1").focus({ preventScroll: true }); // on no key: Enter with half a code types nothing
    },
    stop() {
      clearTimeout(idle);
      digits = "";
    },
    key(event) {
      const digit = /^Numpad\d$/.test(event.code) ? event.code.slice(-1) : event.key; // whatever NumLock says
      if (/^\d$/.test(digit)) press(digit);
      else if (["Backspace", "NumpadDecimal"].includes(event.code)) press("erase");
      else if (event.key === "Enter" && digits.length === CODE_DIGITS) {
        event.preventDefault();
        arrive(digits);
      } else if (event.key === "Escape") leave();
      else if (event.key === "*") panel.querySelector("[data-speak]").click();
    },
  };
}
