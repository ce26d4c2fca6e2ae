// A photo from this PC's camera goes into the file field that data-to names, as if it had been chosen there.
// Without a camera, or without leave to use it, it says so and the field stays.
import { attach } from "./attach.js";

const JPEG_QUALITY = 0.85;
const WANTED = { width: { ideal: 1920 }, height: { ideal: 1080 } }; // a page of text is still read
const REFUSALS = {
  NotAllowedError: "El navegador no tiene permiso para usar la cámara: concédalo junto a la dirección y vuelva a probar.",
  NotFoundError: "Esta PC no tiene cámara: conecte una o elija un archivo.",
  NotReadableError: "Otro programa está usando la cámara: ciérrelo y vuelva a probar.",
};

attach("camera", (zone) => {
  if (!navigator.mediaDevices?.getUserMedia) return;
  const part = (name) => zone.querySelector(`[data-part=${name}]`);
  const [open, stage, view, which, take, close, told] = ["open", "stage", "view", "which", "take", "close", "told"].map(part);
  const field = document.querySelector(zone.dataset.to);
  let stream = null;
  zone.hidden = false;

  const stop = () => {
    for (const track of stream?.getTracks() ?? []) track.stop();
    stream = null;
    view.srcObject = null;
    stage.hidden = true;
    open.hidden = false;
  };
  const listCameras = async () => {
    const cameras = (await navigator.mediaDevices.enumerateDevices()).filter((device) => device.kind === "videoinput");
    const used = stream?.getVideoTracks()[0]?.getSettings().deviceId;
    which.replaceChildren(...cameras.map((camera, at) => new Option(camera.label || `Cámara ${at + 1}`, camera.deviceId, false, camera.deviceId === used)));
    which.closest(".campo").hidden = cameras.length < 2;
  };
  const start = async (deviceId) => {
    stop();
    told.textContent = "";
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: deviceId ? { ...WANTED, deviceId: { exact: deviceId } } : WANTED });
    } catch (error) {
      told.textContent = REFUSALS[error.name] || "La cámara no responde: desconéctela, vuelva a conectarla y pruebe otra vez.";
      return;
    }
    view.srcObject = stream;
    stage.hidden = false;
    open.hidden = true;
    await view.play();
    await listCameras();
    take.disabled = false;
    take.focus();
  };

  open.addEventListener("click", () => start());
  which.addEventListener("change", () => start(which.value));
  close.addEventListener("click", () => {
    stop();
    open.focus();
  });
  take.addEventListener("click", () => {
    const picture = document.createElement("canvas");
    [picture.width, picture.height] = [view.videoWidth, view.videoHeight];
    picture.getContext("2d").drawImage(view, 0, 0);
    picture.toBlob((blob) => {
      const now = new Date();
      const hour = [now.getHours(), now.getMinutes(), now.getSeconds()].map((two) => String(two).padStart(2, "0")).join("-");
      const files = new DataTransfer();
      files.items.add(new File([blob], `Foto ${hour}.jpg`, { type: "image/jpeg" }));
      field.files = files.files;
      field.dispatchEvent(new Event("change", { bubbles: true }));
      told.textContent = "Foto tomada. Puede tomar la siguiente página.";
    }, "image/jpeg", JPEG_QUALITY);
  });
  window.addEventListener("pagehide", stop);
});
