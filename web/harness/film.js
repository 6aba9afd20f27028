/**
 * What a camera sees: a pickup code's picture, as the booking page draws it, as a film or a photo.
 *
 * Owns: the drawing, and the formats that Chromium takes. Never: makes a code of its own.
 */

import { writeFile } from 'node:fs/promises';

const WIDTH = 640;
const HEIGHT = 480;
const MODULE_PX = 10;
const PAPER = 225;
const INK = 30;

/**
 * The dark modules of the code on an entry's page.
 * @param {string} html
 */
function modules(html) {
  const drawn = /<svg class="qr"[^>]*viewBox="0 0 (\d+) [^>]*><path d="([^"]*)"/.exec(html);
  if (!drawn) throw new Error('the page shows no code');
  const [, side, path = ''] = drawn;
  const runs = [...path.matchAll(/M(\d+) (\d+)h(\d+)/g)];
  return {
    side: Number(side),
    runs: runs.map(([, x, y, length]) => ({ x: Number(x), y: Number(y), length: Number(length) })),
  };
}

/**
 * A grey picture of a code in the middle of a wall.
 * @param {string} html of the entry's page
 */
export function picture(html) {
  const { side, runs } = modules(html);
  const pixels = Buffer.alloc(WIDTH * HEIGHT, PAPER);
  const left = Math.floor((WIDTH - side * MODULE_PX) / 2);
  const top = Math.floor((HEIGHT - side * MODULE_PX) / 2);
  for (const { x, y, length } of runs) {
    for (let row = 0; row < MODULE_PX; row += 1) {
      const start = (top + y * MODULE_PX + row) * WIDTH + left + x * MODULE_PX;
      pixels.fill(INK, start, start + length * MODULE_PX);
    }
  }
  return pixels;
}

/**
 * A film in which nothing moves, for Chromium's camera that is none.
 * @param {string} path
 * @param {Buffer} pixels
 */
export async function film(path, pixels) {
  const colours = Buffer.alloc((WIDTH * HEIGHT) / 2, 128);
  const frame = Buffer.concat([Buffer.from('FRAME\n'), pixels, colours]);
  const head = Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F10:1 Ip A1:1 C420jpeg\n`);
  await writeFile(path, Buffer.concat([head, frame, frame]));
}

/**
 * A photo, as a bitmap of 24 bits, its rows from above.
 * @param {Buffer} pixels
 */
export function photo(pixels) {
  const head = Buffer.alloc(54);
  head.write('BM');
  head.writeUInt32LE(54 + pixels.length * 3, 2);
  head.writeUInt32LE(54, 10);
  head.writeUInt32LE(40, 14);
  head.writeInt32LE(WIDTH, 18);
  head.writeInt32LE(-HEIGHT, 22);
  head.writeUInt16LE(1, 26);
  head.writeUInt16LE(24, 28);
  const colours = Buffer.alloc(pixels.length * 3);
  pixels.forEach((pixel, place) => colours.fill(pixel, place * 3, place * 3 + 3));
  return Buffer.concat([head, colours]);
}
