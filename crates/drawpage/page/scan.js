/**
 * A receipt's text from a camera, a picture or a file.
 *
 * Owns: the camera while somebody scans. Never: keeps a picture, or looks on while another window
 * is in front.
 * On failure: says which, and pasting always works.
 */

/** Between two looks, in milliseconds. */
const PAUSE = 200;
/** More than any receipt: a file of that size is something else. */
const BYTES_MAX = 64 << 10;

/** @type {MediaStream | undefined} */
let stream;

addEventListener("pagehide", stop);
document.addEventListener("visibilitychange", () => document.hidden && stop());

/** Gives the camera back. */
export function stop() {
  stream?.getTracks().forEach((track) => track.stop());
  stream = undefined;
}

export function isOn() {
  return stream !== undefined;
}

/**
 * The browser's reader of QR codes; nothing where it has none.
 *
 * @typedef {{ detect(picture: HTMLVideoElement | ImageBitmap): Promise<{ rawValue: string }[]> }} Reader
 * @returns {Promise<Reader | undefined>}
 */
export async function reader() {
  const Own = /** @type {any} */ (globalThis).BarcodeDetector;
  try {
    const formats = await Own?.getSupportedFormats();
    return formats?.includes("qr_code") ? new Own({ formats: ["qr_code"] }) : undefined;
  } catch {
    // It is there and does not work: as good as none.
    return undefined;
  }
}

/**
 * The code that is held before the camera; `no_camera` when there is none, nothing when it was
 * stopped.
 *
 * @param {Reader} reader
 * @param {HTMLVideoElement} video
 * @returns {Promise<{ text?: string, problem?: "no_camera" }>}
 */
export async function scan(reader, video) {
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  } catch {
    return { problem: "no_camera" };
  }
  try {
    video.srcObject = stream;
    await video.play();
    while (isOn()) {
      const [found] = await reader.detect(video);
      if (found) {
        return { text: found.rawValue };
      }
      await new Promise((again) => setTimeout(again, PAUSE));
    }
    return {};
  } catch {
    // The camera was taken away while somebody scanned.
    return {};
  } finally {
    stop();
    video.srcObject = null;
  }
}

/**
 * The receipt in a file, which may be a picture of its code.
 *
 * @param {Reader | undefined} reader
 * @param {File} file
 * @returns {Promise<{ text?: string, problem?: "no_reader" | "no_code" | "not_opened" }>}
 */
export async function open(reader, file) {
  try {
    if (!file.type.startsWith("image/")) {
      return file.size <= BYTES_MAX ? { text: await file.text() } : { problem: "not_opened" };
    }
    if (!reader) {
      return { problem: "no_reader" };
    }
    const [found] = await reader.detect(await createImageBitmap(file));
    return found ? { text: found.rawValue } : { problem: "no_code" };
  } catch {
    return { problem: "not_opened" };
  }
}
