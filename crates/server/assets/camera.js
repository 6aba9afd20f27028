/**
 * Reads a pickup code from a camera or a photo.
 *
 * Owns: the camera while somebody scans, and the pictures that go to the server where the browser
 * itself reads no QR codes: grey, small, one at a time. Never: keeps a picture, or looks on while
 * another window is in front.
 * On failure: says so; typing always works.
 */

import { text } from "./texts.js";

/** The longer and the shorter side of a picture that is sent, in pixels. */
const LONG = 640;
const SHORT = 480;
/** Between two pictures, in milliseconds. */
const PAUSE = 250;
/** Of a photo, so much of each side is looked at: all of it, then its middle. */
const PARTS = [1, 0.55, 0.3];

/** So many pictures without a code, and the person with the last one has gone. */
const GONE_AFTER = 4;

/** @type {MediaStream | undefined} */
let stream;
/** What was read last: it may still be before the camera when its answer is on the screen. */
let last = "";
let misses = 0;

addEventListener("pagehide", stop);
document.addEventListener("visibilitychange", () => document.hidden && stop());

/** Whether somebody is scanning one code after the other. */
export function isOn() {
  return stream !== undefined;
}

/** Gives the camera back. */
function stop() {
  stream?.getTracks().forEach((track) => track.stop());
  stream = undefined;
  last = "";
}

/**
 * Fills the place for scanning: a camera where the browser gives one, a photo in any case.
 *
 * @param {HTMLElement} place
 * @param {string} token of the forms
 * @param {(code: string) => void} found
 */
export function offer(place, token, found) {
  const said = element("p", "");
  said.setAttribute("role", "status");
  const buttons = element("div", "");
  buttons.className = "pair";
  place.replaceChildren(said, buttons);
  place.hidden = false;
  if ("mediaDevices" in navigator) {
    buttons.append(switchOf(place, said, token, found));
  } else {
    said.textContent = text("insecure");
  }
  buttons.append(photo(said, token, found));
}

/**
 * @param {HTMLElement} place
 * @param {HTMLElement} said
 * @param {string} token
 * @param {(code: string) => void} found
 */
function switchOf(place, said, token, found) {
  const button = element("button", text(isOn() ? "stop" : "scan"));
  button.setAttribute("type", "button");
  const begin = async () => {
    button.textContent = text("stop");
    said.textContent = text("looking");
    const code = await scan(place, token);
    if (place.isConnected) {
      button.textContent = text("scan");
      said.textContent = code === "" ? text("refused") : "";
    }
    if (code) {
      found(code);
    }
  };
  button.addEventListener("click", () => (isOn() ? stop() : void begin()));
  if (isOn()) {
    void begin();
  }
  return button;
}

/**
 * The code that is held before the camera; nothing when that was stopped, an empty text when there
 * is no camera.
 *
 * @param {HTMLElement} place
 * @param {string} token
 */
async function scan(place, token) {
  try {
    const video = { facingMode: "environment", width: { ideal: 1280 }, height: { ideal: 720 } };
    stream ??= await navigator.mediaDevices.getUserMedia({ video });
  } catch {
    return "";
  }
  const video = document.createElement("video");
  video.muted = true;
  video.playsInline = true;
  video.srcObject = stream;
  place.prepend(video);
  try {
    await video.play();
    while (isOn() && video.isConnected) {
      const code = await read(video, video.videoWidth, video.videoHeight, token);
      misses = code ? 0 : misses + 1;
      last = misses < GONE_AFTER ? last : "";
      if (code && code !== last) {
        last = code;
        return code;
      }
      await new Promise((again) => setTimeout(again, PAUSE));
    }
    return undefined;
  } catch {
    // The camera was taken away, or the page left.
    return undefined;
  } finally {
    video.remove();
  }
}

/**
 * A button that takes a photo.
 *
 * @param {HTMLElement} said
 * @param {string} token
 * @param {(code: string) => void} found
 */
function photo(said, token, found) {
  const label = element("label", text("photo"));
  label.className = "button photo";
  const input = document.createElement("input");
  input.type = "file";
  input.accept = "image/*";
  input.setAttribute("capture", "environment");
  input.addEventListener("change", async () => {
    const file = input.files?.[0];
    input.value = "";
    if (file) {
      said.textContent = text("sending");
      const code = await ofPhoto(file, token);
      said.textContent = code ? "" : text("no_code");
      if (code) {
        found(code);
      }
    }
  });
  label.append(input);
  return label;
}

/**
 * @param {File} file
 * @param {string} token
 */
async function ofPhoto(file, token) {
  try {
    const picture = await createImageBitmap(file);
    for (const part of PARTS) {
      const code = await read(picture, picture.width, picture.height, token, part);
      if (code) {
        return code;
      }
    }
  } catch {
    // Not a picture that this browser reads.
  }
  return undefined;
}

/**
 * The text of the QR code in a picture, if there is one.
 *
 * @param {HTMLVideoElement | ImageBitmap} picture
 * @param {number} width
 * @param {number} height
 * @param {string} token
 * @param {number} [part] of each side, from the middle
 * @returns {Promise<string | undefined>}
 */
async function read(picture, width, height, token, part = 1) {
  const here = await ownReader()?.detect(picture).catch(() => []);
  if (here?.[0]) {
    return here[0].rawValue;
  }
  const [wide, high] = [width * part, height * part];
  const most = Math.max(wide, high);
  const least = Math.min(wide, high);
  const scale = Math.min(1, LONG / most, SHORT / least);
  const canvas = document.createElement("canvas");
  canvas.width = Math.floor(wide * scale);
  canvas.height = Math.floor(high * scale);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context || canvas.width === 0 || canvas.height === 0) {
    return undefined;
  }
  const [left, top] = [(width - wide) / 2, (height - high) / 2];
  context.drawImage(picture, left, top, wide, high, 0, 0, canvas.width, canvas.height);
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
  return send(grey(data), canvas.width, token);
}

/** @param {Uint8ClampedArray} data four bytes a pixel */
function grey(data) {
  const pixels = new Uint8Array(data.length / 4);
  for (let place = 0; place < pixels.length; place += 1) {
    const [red, green, blue] = [data[place * 4], data[place * 4 + 1], data[place * 4 + 2]];
    pixels[place] = (red * 77 + green * 151 + blue * 28) >> 8;
  }
  return pixels;
}

/**
 * @param {Uint8Array<ArrayBuffer>} pixels
 * @param {number} width
 * @param {string} token
 */
async function send(pixels, width, token) {
  try {
    const answer = await fetch(`/counter/frame?width=${width}`, {
      method: "POST",
      headers: { "Content-Type": "application/octet-stream", "Tidegate-Form-Token": token },
      body: pixels,
    });
    if (answer.status === 401) {
      location.reload();
    }
    return answer.status === 200 ? await answer.text() : undefined;
  } catch {
    // Without a connection nothing is read; the next picture may be.
    return undefined;
  }
}

/**
 * The browser's own reader of QR codes, where it has one.
 *
 * @returns {{ detect(picture: HTMLVideoElement | ImageBitmap): Promise<{ rawValue: string }[]> }
 *   | undefined}
 */
function ownReader() {
  const Reader = /** @type {any} */ (globalThis).BarcodeDetector;
  return Reader && new Reader({ formats: ["qr_code"] });
}

/**
 * @param {string} name
 * @param {string} content
 */
function element(name, content) {
  const made = document.createElement(name);
  made.textContent = content;
  return made;
}
