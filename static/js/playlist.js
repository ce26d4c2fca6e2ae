// Pictures and muted videos, one after the other, in the element they are given. What fails is skipped; while nothing can be shown it stays hidden.
const VIDEO_MS = 600000; // a video that never ends is left
const RETRY_MS = 3000; // between two that failed: a dead link must not spin

export const playlist = (element) => {
  let media = [];
  let seconds = 12;
  let next = 0;
  let timer = null;
  let shown = null;
  let on = false;

  const clear = () => {
    clearTimeout(timer);
    if (shown) {
      if (shown.pause) shown.pause();
      shown.remove();
    }
    shown = null;
  };

  const advance = (after = 0) => {
    clearTimeout(timer);
    timer = setTimeout(step, after);
  };

  const step = () => {
    if (!on || !media.length) return;
    const { src, image, name } = media[next % media.length];
    const alone = media.length === 1;
    next = (next + 1) % media.length;
    const one = document.createElement(image ? "img" : "video");
    const ready = () => {
      if (!on) return;
      if (shown && shown !== one) {
        if (shown.pause) shown.pause();
        shown.remove();
      }
      shown = one;
      element.append(one);
      element.hidden = false;
      element.dispatchEvent(new Event("shown"));
      if (image) advance(alone ? 3600000 : seconds * 1000);
      else {
        one.play().catch(() => advance(RETRY_MS));
        advance(VIDEO_MS);
      }
    };
    one.addEventListener("error", () => advance(RETRY_MS));
    if (image) {
      one.alt = name;
      one.addEventListener("load", ready);
    } else {
      one.muted = true;
      one.loop = alone;
      one.setAttribute("aria-label", name);
      one.addEventListener("loadeddata", ready, { once: true });
      one.addEventListener("ended", () => advance());
    }
    one.src = src;
    advance(image ? 15000 : 60000); // what does not load in that time is skipped
  };

  return {
    set(list, imageSeconds) {
      const same = JSON.stringify(list) === JSON.stringify(media) && imageSeconds === seconds;
      media = list;
      seconds = imageSeconds;
      if (same) return;
      next = 0;
      if (on) {
        clear();
        this.hide();
      }
    },
    show() {
      if (on || !media.length) return;
      on = true;
      step();
    },
    hide() {
      on = false;
      clear();
      element.hidden = true;
      element.dispatchEvent(new Event("gone"));
    },
    get showing() { return on && !element.hidden; },
  };
};
