// Files go up as soon as they are chosen or dropped, with their progress; the server answers with the list and each hash.
// Without this file the same field sends them together with the form.
import { attach } from "./attach.js";

attach("upload", (zone) => {
  const field = zone.querySelector("input[type=file]");
  const progress = zone.querySelector("[data-part=progress]");
  const form = zone.closest("form");
  let queue = Promise.resolve();

  const send = (file) => new Promise((done) => {
    const body = new FormData();
    for (const name of ["csrf_token", "ticket"]) {
      const value = form.elements[name];
      if (value) body.set(name, value.value);
    }
    for (const folios of zone.querySelectorAll('[name^="folios_"]')) body.set(folios.name, folios.value);
    body.set("files", file);
    const request = new XMLHttpRequest();
    request.upload.addEventListener("progress", (event) => {
      const part = event.lengthComputable ? ` ${Math.floor((100 * event.loaded) / event.total)} %` : "";
      progress.classList.remove("solo-lector");
      progress.textContent = `Subiendo ${file.name}${part}`;
    });
    request.addEventListener("load", () => {
      const into = document.querySelector(zone.dataset.into);
      if (into && (request.status === 200 || request.status === 422)) {
        into.outerHTML = request.responseText;
        const fresh = document.querySelector(zone.dataset.into);
        if (window.htmx && fresh) window.htmx.process(fresh);
        progress.textContent = request.status === 200 ? `${file.name} subió completo.` : "";
        progress.classList.toggle("solo-lector", request.status === 200); // the list shows it already
      } else {
        progress.classList.remove("solo-lector");
        progress.textContent = request.status === 413 ? `${file.name} es demasiado grande: divídalo.` : `${file.name} no subió. Vuelva a elegirlo.`;
      }
      done();
    });
    request.addEventListener("error", () => {
      progress.classList.remove("solo-lector");
      progress.textContent = `Sin conexión: ${file.name} no subió. Vuelva a elegirlo.`;
      done();
    });
    request.open("POST", zone.dataset.to);
    request.setRequestHeader("HX-Request", "true");
    request.send(body);
  });
  const sendAll = (files) => {
    for (const file of files) queue = queue.then(() => send(file));
  };

  field.addEventListener("change", (event) => {
    event.stopPropagation();
    sendAll([...field.files]);
    field.value = "";
  });
  zone.addEventListener("dragover", (event) => {
    event.preventDefault();
    zone.classList.add("encima");
  });
  zone.addEventListener("dragleave", () => zone.classList.remove("encima"));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    zone.classList.remove("encima");
    sendAll([...event.dataTransfer.files]);
  });
});
