/** A person checks their receipt on the page of the draw, and learns what is true and no more. */

import { DRAW_WORDS, expect, test } from '../harness/draw_page.js';
import { LANGUAGES } from '../harness/words.js';

test.use({ viewport: { width: 390, height: 844 } });

for (const language of LANGUAGES) {
  test.describe(language, () => {
    test.use({ language });
    const words = DRAW_WORDS[language];

    test('drawn, not drawn, drawn as an alternate: as the program says', async ({
      checker,
      draw,
      serve,
    }) => {
      const [first] = await draw.winners();
      const anywhere = (await draw.winners()).find(({ pass }) => pass === '2');
      const [later] = await draw.winners(1);
      const [loser] = await draw.losers();
      if (!first || !anywhere || !later || !loser) throw new Error('not all kinds are there');
      await checker.open(await serve('alternates'));
      for (const [winner, headline] of /** @type {const} */ ([
        [first, words.drawn],
        [anywhere, words.drawn],
        [later, words.alternate],
      ])) {
        await checker.check(winner.person);
        await checker.sees(headline);
        const place = winner.bucket.split('#')[0] ?? '';
        await expect(checker.page.getByRole('heading', { name: headline })).toContainText(place);
        for (const step of [1, 2, 3, 4, 5, 6]) {
          await expect(checker.step(step)).toContainText(words.holds);
        }
      }
      await checker.check(loser);
      await checker.sees(words.nothing);
      await expect(checker.page.getByRole('heading', { name: words.drawn })).toHaveCount(0);
    });

    test('a group is found by the ID of any of its people', async ({ checker, draw, serve }) => {
      await checker.open(await serve('drawn'));
      await checker.check(draw.group);
      await expect(checker.step(2)).toContainText(words.group);
      await expect(checker.step(6)).toContainText(words.holds);
    });

    test('a promise gives what the receipt gives', async ({ checker, draw, serve }) => {
      const winners = await draw.winners();
      const second = winners.find(({ person }) => person.line.split(',')[2] === '2');
      const [first] = winners;
      if (!first || !second) throw new Error('not all kinds are there');
      await checker.open(await serve('drawn'));
      for (const { person, bucket } of [first, second]) {
        await checker.check({ ...person, receipt: person.promise });
        await checker.sees(words.drawn);
        const place = bucket.split('#')[0] ?? '';
        await expect(checker.page.getByRole('heading', { name: words.drawn })).toContainText(place);
        await expect(checker.step(1)).toContainText(words.promise);
      }
    });

    test('before the seed, before the result, and void', async ({ checker, draw, serve }) => {
      const [person] = draw.people;
      if (!person) throw new Error('nobody is there');
      for (const stage of /** @type {const} */ (['sealed', 'opened', 'seeded'])) {
        await checker.open(await serve(stage));
        await checker.check(person);
        await checker.sees(words.noResult);
        await expect(checker.step(3)).toContainText(words.holds);
        await expect(checker.step(stage === 'seeded' ? 6 : 4)).toContainText(words.notYet);
      }
      await checker.open(await serve('void'));
      await checker.check(person);
      await checker.sees(words.void);
      await expect(checker.page.getByText('The hall was on fire.').first()).toBeVisible();
    });

    test('not publicly verifiable: said of the seed, of what follows, and in the record', async ({
      checker,
      draw,
      serve,
    }) => {
      await checker.open(await serve('private'));
      await checker.check(draw.group);
      await expect(checker.step(4)).toContainText(words.holds);
      await expect(checker.step(6)).toContainText(words.holds);
      await expect(checker.page.getByText(words.notPublic)).toBeVisible();
      expect(await checker.record()).toContain(words.notPublic);
      await checker.check(draw.leftOut);
      await checker.sees(words.leftOut);
      await expect(checker.page.getByText(words.notPublic)).toBeVisible();
      await checker.open(await serve('drawn'));
      await checker.check(draw.group);
      await expect(checker.step(6)).toContainText(words.holds);
      await expect(checker.page.getByText(words.notPublic)).toHaveCount(0);
    });

    test('a list that goes on from an earlier one: who got something there, and who not', async ({
      checker,
      draw,
      serve,
    }) => {
      const [[winner], [later], [loser]] = [
        await draw.winners(),
        await draw.winners(1),
        await draw.losers(),
      ];
      if (!winner || !later || !loser) throw new Error('not all kinds are there');
      await checker.open(await serve('next'));
      for (const { person } of [winner, later]) {
        await checker.check(person);
        await checker.sees(words.leftOutLater);
        await expect(checker.step(3)).toContainText(words.earlier);
      }
      await checker.check({ ...winner.person, receipt: winner.person.promise });
      await checker.sees(words.leftOutPromise);
      await checker.check(loser);
      await checker.sees(words.noResult);
      await expect(checker.step(3)).toContainText(words.holds);
    });

    test('a record to hand on: neither the receipt, nor its salt, nor the identity', async ({
      checker,
      draw,
      serve,
    }) => {
      const [winner] = await draw.winners();
      if (!winner) throw new Error('nobody has won');
      await checker.open(await serve('drawn'));
      await checker.check(winner.person);
      await checker.sees(words.drawn);
      const record = await checker.record();
      expect(record).toContain(winner.person.line);
      expect(record).toContain(winner.number);
      expect(record).toContain(draw.key);
      const salt = /^salt (.*)$/m.exec(winner.person.receipt)?.[1] ?? '';
      expect(salt).toHaveLength(64);
      // What is printed is what stands there: no salt, with which the number is found by trying.
      const printed = await checker.page.locator('#result').textContent();
      for (const secret of [salt, winner.person.number]) {
        expect(record).not.toContain(secret);
        expect(printed).not.toContain(secret);
      }
    });
  });
}

test('the language changes, and nothing that was filled in is lost', async ({
  checker,
  draw,
  serve,
}) => {
  const [winner] = await draw.winners();
  if (!winner) throw new Error('nobody has won');
  await checker.open(await serve('drawn'));
  await checker.check(winner.person);
  await checker.sees(DRAW_WORDS.zh.drawn);
  await checker.page.getByRole('button', { name: 'English' }).click();
  const { page } = checker;
  await expect(page.getByRole('heading', { name: DRAW_WORDS.en.drawn })).toBeVisible();
  await expect(page.getByLabel('Receipt', { exact: true })).toHaveValue(winner.person.receipt);
  await expect(page).toHaveTitle('Check the draw');
  expect(await page.evaluate(() => document.documentElement.lang)).toBe('en');
});

test('the key is shown as it was published, in groups of four', async ({ checker, draw, serve }) => {
  await checker.open(await serve('sealed'));
  const shown = await checker.page.locator('main').innerText();
  const [name = '', id = '', ...key] = draw.key.split('+');
  expect(shown).toContain(name);
  const groups = (/** @type {string} */ text) => (text.match(/.{4}/g) ?? []).join('\\s+');
  const escaped = key.join('+').replace(/[+/]/g, '\\$&');
  expect(groups(id)).not.toBe('');
  expect(shown).toMatch(new RegExp(groups(id)));
  expect(shown.replace(/\s/g, '')).toMatch(new RegExp(escaped));
});

test('whole bundles are asked for, and nothing but the files of the draw', async ({
  checker,
  draw,
  serve,
  note,
}) => {
  const [winner] = await draw.winners();
  if (!winner) throw new Error('nobody has won');
  const site = await serve('drawn');
  await checker.open(site);
  const before = site.asked.length;
  await checker.check(winner.person);
  await checker.sees(DRAW_WORDS.zh.drawn);
  const asked = site.asked.slice(before);
  note(asked.join(' '));
  const bundles = asked.filter((path) => path.startsWith('/tile/entries/'));
  expect(bundles.length).toBeGreaterThan(0);
  expect(bundles.length).toBeLessThanOrEqual(4);
  const known = /^\/(tile\/.+|(seal|opening|seed|seeded|stock|result|cutoffs|void)\.txt|checkpoint)$/;
  expect(asked.filter((path) => !known.test(path))).toEqual([]);
  expect(asked.filter((path) => /entries\.txt|winners/.test(path))).toEqual([]);
});

test('without Ed25519 in the browser the own arithmetic says the same', async ({
  checker,
  draw,
  serve,
  page,
}) => {
  await page.addInitScript(() => {
    const own = crypto.subtle.importKey;
    crypto.subtle.importKey = function (...words) {
      if (words[2] === 'Ed25519') throw new DOMException('Unrecognized name', 'NotSupportedError');
      return Reflect.apply(own, this, words);
    };
  });
  const [winner] = await draw.winners();
  if (!winner) throw new Error('nobody has won');
  await checker.open(await serve('drawn'));
  await checker.check(winner.person);
  await checker.sees(DRAW_WORDS.zh.drawn);
  const forged = winner.person.receipt.replace(/salt (.)/, (_, digit) => `salt ${digit === '0' ? 1 : 0}`);
  await checker.check({ ...winner.person, receipt: forged });
  await checker.sees(DRAW_WORDS.zh.badReceipt);
});

test('a receipt from a file, and from a picture where the browser reads codes', async ({
  checker,
  draw,
  serve,
  page,
  file,
}) => {
  const [winner] = await draw.winners();
  if (!winner) throw new Error('nobody has won');
  const { receipt, number } = winner.person;
  await page.addInitScript((rawValue) => {
    Reflect.set(
      globalThis,
      'BarcodeDetector',
      class {
        static async getSupportedFormats() {
          return ['qr_code'];
        }

        async detect() {
          return [{ rawValue }];
        }
      },
    );
  }, receipt);
  await checker.open(await serve('drawn'));
  const words = DRAW_WORDS.zh;
  const typed = page.getByLabel(words.receipt, { exact: true });
  const chosen = page.getByLabel(words.open, { exact: true });
  await chosen.setInputFiles(await file('receipt.txt', receipt.replaceAll('\n', '\r\n')));
  await expect(typed).toHaveValue(receipt);
  await page.getByLabel(words.identity, { exact: true }).fill(number);
  await checker.button('go').click();
  await checker.sees(words.drawn);
  await typed.fill('');
  const picture = await page.screenshot();
  await chosen.setInputFiles({ name: 'code.png', mimeType: 'image/png', buffer: picture });
  await expect(typed).toHaveValue(receipt);
  await expect(checker.button('scan')).toBeVisible();
});

test('a pasted proof is taken in place of the list', async ({ checker, draw, serve, page, file }) => {
  const [one, other] = await draw.winners();
  if (!one || !other) throw new Error('nobody has won');
  const site = await serve('drawn');
  await checker.open(site);
  const words = DRAW_WORDS.zh;
  await page.getByText(words.proofFold).click();
  const proof = page.getByLabel(words.proof);
  await proof.fill(await draw.proof(one.person, file));
  const before = site.asked.length;
  await checker.check(one.person);
  await checker.sees(words.drawn);
  expect(site.asked.slice(before).filter((path) => path.startsWith('/tile/'))).toEqual([]);
  await checker.check(other.person);
  await checker.sees(words.badProof);
  const asked = site.asked.length;
  await checker.check({ ...one.person, receipt: one.person.promise });
  await checker.sees(words.badProof);
  await expect(checker.step(3)).toContainText('证明文件不能与入册承诺一起用');
  expect(site.asked.slice(asked)).toEqual([]);
  await proof.fill('c2sp.org/tlog-proof@v1\nindex one\n');
  await checker.check(one.person);
  await checker.sees(words.badProof);
});
