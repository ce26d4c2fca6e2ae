// What htmx could not do is said in #avisos, in the server's own words (problem documents carry `detail`).

const place = document.getElementById("avisos");
const say = (text) => {
  if (!place) return;
  const box = document.createElement("div");
  box.className = "nota-error";
  box.setAttribute("role", "alert");
  const words = document.createElement("p");
  words.textContent = text;
  box.append(words);
  place.replaceChildren(box);
};
const unexplained = "El servidor no pudo hacerlo. Actualice la página y vuelva a intentarlo.";

document.addEventListener("htmx:before:response", (event) => {
  const { status, headers, raw } = event.detail.ctx.response;
  if (status < 400 || !(headers.get("content-type") || "").includes("json")) return;
  event.preventDefault();
  raw.clone().json().then((problem) => say(problem.detail || unexplained), () => say(unexplained));
});
document.addEventListener("htmx:response:error", (event) => {
  if (event.detail.ctx.response.status !== 422) say(unexplained);
});
document.addEventListener("htmx:error", () => say("No hay conexión con el servidor. Lo que escribió sigue aquí: vuelva a intentarlo."));
document.addEventListener("htmx:before:request", () => { if (place) place.replaceChildren(); });
