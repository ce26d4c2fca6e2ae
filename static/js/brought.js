// A small part of a page that is brought again every few seconds. While there is no link it stays as it was.
import { attach } from "./attach.js";

const EVERY_MS = 8000;

attach("brought", (element) => {
  const bring = async () => {
    try {
      const answer = await fetch(element.dataset.url, { cache: "no-store", headers: { "HX-Request": "true" } });
      if (!answer.ok || answer.redirected) return;
      const html = (await answer.text()).trim();
      if (element.innerHTML.trim() === html) return;
      element.innerHTML = html;
    } catch { /* no link: the page says so by itself */ }
  };
  bring();
  setInterval(bring, EVERY_MS);
});
