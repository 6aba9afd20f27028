/**
 * An entry's page: kept as a picture, printed, and brought up to date when results are out.
 *
 * Owns: the picture. Never: a word that is not on the page.
 */

import { forgetDraft } from "./fields.js";
import { delay, watch } from "./status.js";

const page = /** @type {HTMLElement} */ (document.querySelector("[data-entry]"));
const campaign = page.dataset.entry ?? "";
let isReloading = false;

forgetDraft(campaign);
for (const element of document.querySelectorAll("[data-scripted]")) {
  /** @type {HTMLElement} */ (element).hidden = false;
}
document.querySelector("[data-print]")?.addEventListener("click", () => print());
document.querySelector("[data-picture]")?.addEventListener("click", savePicture);
if (page.dataset.waits !== undefined) {
  watch(campaign, (status) => {
    if (status.published && !isReloading) {
      isReloading = true;
      // Not everybody in the same second.
      setTimeout(() => location.reload(), delay(0, status.pacing.jitter_seconds));
    }
  });
}

/** Width of the picture, and what stays free around it, in pixels. */
const WIDTH = 720;
const MARGIN = 48;

/** Saves what the ticket says, with its picture of the code, as a PNG. */
function savePicture() {
  const ticket = /** @type {HTMLElement} */ (document.querySelector("[data-ticket]"));
  const canvas = document.createElement("canvas");
  // Twice: first for its height.
  canvas.width = WIDTH;
  canvas.height = 16;
  const height = draw(canvas, ticket);
  canvas.height = height;
  draw(canvas, ticket);
  canvas.toBlob((picture) => {
    if (picture) {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(picture);
      link.download = `${campaign}-${ticket.dataset.ticket}.png`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    }
  }, "image/png");
}

/**
 * Draws every line of the ticket below the one before; the height that it takes is returned.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {HTMLElement} ticket
 */
function draw(canvas, ticket) {
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.fillStyle = "#fff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.textBaseline = "top";
  context.direction = /** @type {CanvasDirection} */ (document.dir || "ltr");
  context.textAlign = "center";
  let y = MARGIN;
  for (const line of ticket.querySelectorAll("[data-line], dd")) {
    const code = line.querySelector("path");
    y += code ? drawCode(context, code, y) : drawText(context, line, y);
  }
  return y + MARGIN;
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Element} code
 * @param {number} y
 */
function drawCode(context, code, y) {
  const side = 360;
  const modules = Number(code.parentElement?.getAttribute("viewBox")?.split(" ")[2]);
  context.save();
  context.translate((WIDTH - side) / 2, y);
  context.scale(side / modules, side / modules);
  context.fillStyle = "#000";
  context.fill(new Path2D(code.getAttribute("d") ?? ""));
  context.restore();
  return side + 24;
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Element} part
 * @param {number} y
 */
function drawText(context, part, y) {
  const size = { headline: 44, code: 56, small: 26 }[part.getAttribute("data-line") ?? ""] ?? 32;
  const weight = size > 40 ? 700 : 400;
  context.font = `${weight} ${size}px system-ui, sans-serif`;
  context.fillStyle = "#000";
  let height = 0;
  for (const words of broken(context, (part.textContent ?? "").trim().replace(/\s+/g, " "))) {
    context.fillText(words, WIDTH / 2, y + height);
    height += size * 1.35;
  }
  return height + 8;
}

/**
 * Lines that fit; Chinese may break anywhere, other words between them.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {string} words
 */
function broken(context, words) {
  const lines = [""];
  for (const part of words.match(/[\u2e80-\uffef]|[^\s\u2e80-\uffef]+\s*|\s+/g) ?? []) {
    const longer = lines[lines.length - 1] + part;
    if (context.measureText(longer.trim()).width <= WIDTH - 2 * MARGIN) {
      lines[lines.length - 1] = longer;
    } else {
      lines.push(part);
    }
  }
  return lines.map((line) => line.trim());
}
