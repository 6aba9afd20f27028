/**
 * Pictures for the documentation, made small from those that the tests took.
 *
 * Owns: which pages are shown there, and the form of the files. Never: takes a picture; run
 * `npx playwright test pictures evening` first, then `npm run publish`, of names that begin so
 * alone with `npm run publish -- evening counter`.
 */

import { existsSync } from 'node:fs';
import { readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { chromium } from '@playwright/test';

const FROM = new URL('../target/pages/', import.meta.url);
const TO = new URL('../docs/pictures/', import.meta.url);
/** Phones beside each other, by the name in the documentation: what the tests call them. */
const PHONES = {
  'booking-form': ['form'],
  'booking-registered': ['entry-registered'],
  'booking-booked': ['entry-booked'],
  'counter-hand-over': ['counter-home', 'counter-look', 'counter-done'],
  'counter-refusals': ['counter-before', 'counter-elsewhere', 'counter-early'],
};
/** Desks, by the name in both. */
const DESKS = [
  'evening-list',
  'evening-stock',
  'evening-live',
  'evening-heat',
  'evening-machine',
  'evening-paused',
  'evening-publish',
  'evening-published',
  'evening-export',
  'evening-actions',
  'evening-counter-code',
];
const LANGUAGES = { en: '', zh: '.zh-CN' };
const QUALITY = 0.7;
const BYTES_MAX = 60 * 1024;
/** All together: a checkout is more than its pictures. */
const ALL_BYTES_MAX = 1_200 * 1024;
/** The height of a phone's screen: what lies below it is cut. */
const PHONE_HEIGHT = 844;

const CHROMIUMS = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'];
const executablePath = process.env.CHROMIUM ?? CHROMIUMS.find(existsSync);
const wanted = process.argv.slice(2);
const browser = await chromium.launch({ executablePath });
const page = await browser.newPage();
for (const [language, ending] of Object.entries(LANGUAGES)) {
  for (const [name, views] of Object.entries(PHONES)) {
    const files = views.map((view) => `${view}.${language}.390.light.png`);
    await publish(`${name}${ending}`, files, PHONE_HEIGHT);
  }
  for (const name of DESKS) await publish(`${name}${ending}`, [`${name}.${language}.png`]);
}
await browser.close();
const sizes = (await readdir(TO)).map(async (name) => (await stat(new URL(name, TO))).size);
const all = (await Promise.all(sizes)).reduce((sum, size) => sum + size);
if (all > ALL_BYTES_MAX) throw new Error(`docs/pictures: ${all} bytes are too many`);
console.log(`docs/pictures: ${all} bytes`);

/**
 * Writes one picture, if it is wanted.
 * @param {string} name of the picture in the documentation, without `.webp`
 * @param {string[]} files that the tests made, to stand beside each other
 * @param {number} [height] what lies below it is cut
 */
async function publish(name, files, height = Infinity) {
  if (wanted.length > 0 && !wanted.some((begin) => name.startsWith(begin))) return;
  const read = files.map(async (file) => (await readFile(new URL(file, FROM))).toString('base64'));
  const of = { pngs: await Promise.all(read), quality: QUALITY, height };
  const bytes = Buffer.from(await page.evaluate(together, of), 'base64');
  if (bytes.length > BYTES_MAX) throw new Error(`${name}: ${bytes.length} bytes are too many`);
  const file = new URL(`${name}.webp`, TO);
  await writeFile(file, bytes);
  console.log(`${fileURLToPath(file)}: ${bytes.length} bytes`);
}

/**
 * The upper parts of some pictures beside each other, on white, as WebP in base 64.
 * @param {{ pngs: string[], quality: number, height: number }} of base 64 of PNGs, 0 to 1, pixels
 */
async function together({ pngs, quality, height }) {
  const GAP = 16;
  const images = await Promise.all(
    pngs.map(async (png) => {
      const image = new Image();
      image.src = `data:image/png;base64,${png}`;
      await image.decode();
      return image;
    }),
  );
  const canvas = document.createElement('canvas');
  const widths = images.reduce((sum, { width }) => sum + width, 0);
  canvas.width = widths + GAP * (images.length - 1);
  canvas.height = Math.min(Math.max(...images.map((image) => image.height)), height);
  const pen = canvas.getContext('2d');
  if (!pen) throw new Error('this browser draws nothing');
  pen.fillStyle = '#fff';
  pen.fillRect(0, 0, canvas.width, canvas.height);
  let x = 0;
  for (const image of images) {
    pen.drawImage(image, x, 0);
    x += image.width + GAP;
  }
  return canvas.toDataURL('image/webp', quality).split(',')[1] ?? '';
}
