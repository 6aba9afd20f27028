/** What a browser may have or not: a secure line, a key that is whole, a camera. */

import { readFile } from 'node:fs/promises';
import { DRAW_WORDS, expect, test } from '../harness/draw_page.js';

const words = DRAW_WORDS.zh;

test.use({
  launchOptions: async ({ launchOptions }, use) => {
    const fake = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'];
    await use({ ...launchOptions, args: [...(launchOptions.args ?? []), ...fake] });
  },
});

test('on a line that is not secure', async ({ page, serve, checker }) => {
  await page.addInitScript(() => {
    // As on a page that came by http: the object is there, and what computes is not.
    Reflect.deleteProperty(Object.getPrototypeOf(crypto), 'subtle');
  });
  await page.goto(`${(await serve('drawn')).url}/check/`);
  await expect(page.getByText('https')).toBeVisible();
  await expect(checker.button('go')).toBeDisabled();
});

test('notes are taken or refused as by every other program', async ({ page, serve }) => {
  const file = new URL('../../crates/draw/tests/vector/agreement.json', import.meta.url);
  const { notes } = JSON.parse(await readFile(file, 'utf8'));
  await page.goto(`${(await serve('drawn')).url}/check/`);
  const wrong = await page.evaluate(async (cases) => {
    const { readKey, readNote, standing } = await import(new URL('note.js', location.href).href);
    const found = [];
    for (const { what, key, note, taken } of cases) {
      const parts = note.map((/** @type {string | [string, number]} */ part) =>
        typeof part === 'string' ? part : part[0].repeat(part[1]),
      );
      const [own, read] = [await readKey(key), readNote(parts.join(''))];
      const isSigned = own && read && (await standing(read, own)) === 'signed';
      if (Boolean(isSigned) !== taken) found.push(what);
    }
    return found;
  }, notes);
  expect(notes.length).toBeGreaterThan(50);
  expect(wrong).toEqual([]);
});

test('with a key that was changed', async ({ page, serve, checker, draw }) => {
  const [name = '', id = ''] = draw.key.split('+');
  /** @param {Buffer} bytes */
  const changed = (bytes) => bytes.toString().replace(`${name}+${id}`, `${name}+00000000`);
  const site = await serve('drawn', { 'check/index.html': changed });
  await page.goto(`${site.url}/check/`);
  await expect(page.getByText('本页的公钥已损坏')).toBeVisible();
  await expect(checker.button('go')).toBeDisabled();
});

test('what a camera sees is filled in, and the camera is given back', async ({
  page,
  serve,
  checker,
  draw,
}) => {
  const [person] = draw.people;
  if (!person) throw new Error('nobody is there');
  await page.addInitScript((rawValue) => {
    Reflect.set(
      globalThis,
      'BarcodeDetector',
      class {
        static async getSupportedFormats() {
          return ['qr_code'];
        }

        /** @param {HTMLVideoElement} film */
        async detect(film) {
          Reflect.set(globalThis, 'film', film.srcObject);
          return film.videoWidth > 0 ? [{ rawValue }] : [];
        }
      },
    );
  }, person.receipt);
  await checker.open(await serve('drawn'));
  await checker.button('scan').click();
  await expect(page.getByLabel(words.receipt, { exact: true })).toHaveValue(person.receipt);
  await expect(page.getByText('已填入回执。')).toBeVisible();
  const states = await page.evaluate(() => {
    const film = /** @type {MediaStream} */ (Reflect.get(globalThis, 'film'));
    return film.getTracks().map((track) => track.readyState);
  });
  expect(states).toEqual(['ended']);
});
