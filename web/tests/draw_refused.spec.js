/** What does not hold is called so, with what to do, and nothing else is concluded from it. */

import { DRAW_WORDS, expect, test } from '../harness/draw_page.js';

/** @typedef {import('../harness/draw_page.js').Change} Change */
/** @typedef {import('../harness/draw_page.js').Stage} Stage */
/**
 * @typedef {Pick<import('../harness/draw_page.js').Fixtures, 'checker' | 'serve'>} Pages
 * @typedef {Pages & { draw: import('../harness/draw.js').Draw }} Here
 */
/** @typedef {'badList' | 'badSeed' | 'badResult' | 'unsure'} Conclusion */

const words = DRAW_WORDS.zh;
test.use({ viewport: { width: 390, height: 844 } });

/**
 * Another digit in place of the last one of what fits.
 * @param {RegExp} where
 * @returns {Change}
 */
function other(where) {
  return (bytes) => {
    const text = bytes.toString('latin1');
    const found = where.exec(text);
    if (!found) throw new Error(`${where} is not in the file`);
    const at = found.index + found[0].length - 1;
    return Buffer.from(
      text.slice(0, at) + (text[at] === '1' ? '2' : '1') + text.slice(at + 1),
      'latin1',
    );
  };
}

/** @type {Change} */
const flipped = (bytes) => Buffer.from(bytes.map((byte) => byte ^ 1));

/** @typedef {{ file: string, change: Change, step: number, conclusion: Conclusion, says: RegExp }} Served */

/** @type {Record<string, Served>} */
const SERVED = {
  'a table of cut-offs that was edited': {
    file: 'cutoffs.txt',
    change: other(/^1,P1-N95,1,\w/m),
    step: 6,
    conclusion: 'badResult',
    says: /cutoffs.txt 与签过名的指纹不符/,
  },
  'a result that says another table': {
    file: 'result.txt',
    change: other(/^cutoffs \w/m),
    step: 6,
    conclusion: 'badResult',
    says: /result.txt 的签名与内容对不上/,
  },
  'a stock that was edited': {
    file: 'stock.txt',
    change: other(/^P4-N95,\d/m),
    step: 6,
    conclusion: 'badResult',
    says: /stock.txt 与签过名的指纹不符/,
  },
  'a seed with another secret': {
    file: 'seed.txt',
    change: other(/^operator \w/m),
    step: 4,
    conclusion: 'badSeed',
    says: /与当众公开的不同/,
  },
  'a seed with other balls': {
    file: 'seed.txt',
    change: other(/^balls \d/m),
    step: 4,
    conclusion: 'badSeed',
    says: /与当众公开的不同/,
  },
  'a seed of another round': {
    file: 'seed.txt',
    change: other(/^drand \w+ \d/m),
    step: 4,
    conclusion: 'badSeed',
    says: /不是封存时写定的那一轮/,
  },
  'a seed with another beacon': {
    file: 'seed.txt',
    change: other(/^drand \w+ \d+ \w/m),
    step: 4,
    conclusion: 'badSeed',
    says: /seed.txt 与签过名的指纹不符/,
  },
  'an opening that was edited': {
    file: 'opening.txt',
    change: other(/^notary \w/m),
    step: 4,
    conclusion: 'badSeed',
    says: /opening.txt 的签名与内容对不上/,
  },
  'a seal that was edited': {
    file: 'seal.txt',
    change: other(/^deadline \d/m),
    step: 3,
    conclusion: 'badList',
    says: /seal.txt 的签名与内容对不上/,
  },
  'a checkpoint that was edited': {
    file: 'checkpoint',
    change: other(/\n\d/),
    step: 3,
    conclusion: 'badList',
    says: /checkpoint 的签名与内容对不上/,
  },
  'a tile that was flipped': {
    file: 'tile/1/000.p/3',
    change: flipped,
    step: 3,
    conclusion: 'badList',
    says: /不表示名单里没有您/,
  },
  'a tile that was cut off': {
    file: 'tile/1/000.p/3',
    change: (bytes) => bytes.subarray(1),
    step: 3,
    conclusion: 'badList',
    says: /tile\/1\/000.p\/3 不完整/,
  },
  'an opening that was taken away': {
    file: 'opening.txt',
    change: () => 404,
    step: 4,
    conclusion: 'badSeed',
    says: /有 seeded.txt，却没有排在它前面的 opening.txt/,
  },
  'a result that was taken away': {
    file: 'result.txt',
    change: () => 404,
    step: 6,
    conclusion: 'badResult',
    says: /有 alternates-1.txt，却没有排在它前面的 result.txt/,
  },
  'no seal on the server': {
    file: 'seal.txt',
    change: () => 404,
    step: 3,
    conclusion: 'unsure',
    says: /服务器上没有 seal.txt/,
  },
  'a server that fails': {
    file: 'seed.txt',
    change: () => 500,
    step: 4,
    conclusion: 'unsure',
    says: /状态码 500/,
  },
  'a line that is cut': {
    file: 'stock.txt',
    change: () => undefined,
    step: 6,
    conclusion: 'unsure',
    says: /没有连上网络，stock.txt/,
  },
  'a page in place of a file': {
    file: 'seeded.txt',
    change: () => '<!doctype html>\n',
    step: 4,
    conclusion: 'badSeed',
    says: /seeded.txt 不是一份签名文件/,
  },
  'a void that does not follow what was there': {
    file: 'void.txt',
    change: (bytes) => bytes,
    step: 4,
    conclusion: 'badSeed',
    says: /void.txt 没有接在前一份文件之后/,
  },
};

for (const [name, { file, change, step, conclusion, says }] of Object.entries(SERVED)) {
  test(name, async ({ checker, draw, serve }) => {
    const [winner] = await draw.winners();
    if (!winner) throw new Error('nobody has won');
    const stage = file === 'void.txt' ? 'void' : file === 'result.txt' ? 'alternates' : 'drawn';
    // Void comes behind the alternates: without them it does not follow what was there before it.
    /** @type {Record<string, Change>} */
    const gone = stage === 'void' ? { 'alternates-1.txt': () => 404 } : {};
    await checker.open(await serve(stage, { [file]: change, ...gone }));
    await checker.check(winner.person);
    await checker.sees(words[conclusion]);
    await expect(checker.step(step)).toContainText(says);
    await expect(checker.step(step)).not.toContainText(words.holds);
    if (step < 6) await expect(checker.step(step + 1)).toContainText(words.unseen);
    await expect(checker.page.getByText(words.drawn)).toHaveCount(0);
    await expect(checker.page.getByText(words.leftOut)).toHaveCount(0);
  });
}

test('a bundle that was changed or cut is not taken for a missing line', async ({
  checker,
  draw,
  serve,
}) => {
  const [person] = draw.people;
  if (!person) throw new Error('nobody is there');
  const bundles = ['000', '001', '002', '003.p/233'].map((name) => `tile/entries/${name}`);
  /** @param {Change} change */
  const all = (change) => Object.fromEntries(bundles.map((bundle) => [bundle, change]));
  const own = person.line.slice(0, 64);
  /** @type {Change} */
  const renamed = (bytes) => {
    const text = bytes.toString('latin1');
    return Buffer.from(text.replace(own, `${own.slice(0, -1)}${own.endsWith('0') ? 1 : 0}`), 'latin1');
  };
  await checker.open(await serve('drawn', all(renamed)));
  await checker.check(person);
  await checker.sees(words.badList);
  await expect(checker.step(3)).toContainText('这不表示名单里没有您');
  await checker.open(await serve('drawn', all((bytes) => bytes.subarray(0, -3))));
  await checker.check(person);
  await checker.sees(words.badList);
  await expect(checker.step(3)).toContainText('不完整');
});

/**
 * That somebody who has nothing sees which events were taken away.
 * @param {Here} here
 * @param {number[]} gone
 * @param {number} later the first behind them
 */
async function expectGap({ checker, draw, serve }, gone, later) {
  const [loser] = await draw.losers();
  if (!loser) throw new Error('everybody has won');
  /** @type {Record<string, Change>} */
  const changes = Object.fromEntries(gone.map((event) => [`alternates-${event}.txt`, () => 404]));
  await checker.open(await serve('again', changes));
  await checker.check(loser);
  await checker.sees(words.badResult);
  await expect(checker.step(6)).toContainText(
    `有 alternates-${later}.txt，却没有排在它前面的 alternates-${gone[0]}.txt`,
  );
}

test('an event of alternates that was taken away while a later one is there', async ({
  checker,
  draw,
  serve,
}) => {
  await expectGap({ checker, draw, serve }, [1], 2);
});

test('two events of alternates in a row that were taken away', async ({
  checker,
  draw,
  serve,
}) => {
  await expectGap({ checker, draw, serve }, [1, 2], 3);
});

test('an event of alternates that was taken away between two', async ({
  checker,
  draw,
  serve,
}) => {
  await expectGap({ checker, draw, serve }, [2], 3);
});

test('what only the operator could have signed so', async ({ checker, draw, serve }) => {
  const [loser] = await draw.losers();
  if (!loser) throw new Error('everybody has won');
  const isPrivate = (/** @type {string} */ text) =>
    text.replace(/^previous/m, 'not publicly verifiable\nprevious');
  /** @type {[Stage, string, (text: string) => string, number, Conclusion, string][]} */
  const signed = [
    ['sealed', 'seal.txt', (text) => text.replace(/^drand .{8}/m, 'drand 00000000'), 4, 'badSeed',
      '本页不认识的信标'],
    ['sealed', 'seal.txt', (text) => text.replace(/ round \d+$/m, ' round 600000000'), 4, 'badSeed',
      '第 600000000 轮不早于截止时间'],
    ['opened', 'opening.txt', (text) => text.replace(/^operator .{4}/m, 'operator 0000'), 4, 'badSeed',
      '主办方公开的秘密数与封存的承诺值不符'],
    ['drawn', 'seal.txt', (text) => text.replace(/^deadline 2023-09/m, 'deadline 2023-13'), 3,
      'badList', 'seal.txt 第 12 行'],
    ['opened', 'opening.txt', isPrivate, 4, 'badSeed', '是否可公开验证，opening.txt 与封存文件'],
    ['seeded', 'seeded.txt', isPrivate, 4, 'badSeed', '是否可公开验证，seeded.txt 与封存文件'],
    ['drawn', 'result.txt', isPrivate, 6, 'badResult', '是否可公开验证，result.txt 与封存文件'],
    ['alternates', 'alternates-1.txt', isPrivate, 6, 'badResult',
      '是否可公开验证，alternates-1.txt 与封存文件'],
    ['private', 'result.txt', (text) => text.replace('not publicly verifiable\n', ''), 6,
      'badResult', '是否可公开验证，result.txt 与封存文件'],
  ];
  for (const [stage, file, change, step, conclusion, says] of signed) {
    await checker.open(await serve(stage, { [file]: await draw.resigned(change) }));
    await checker.check(loser);
    await checker.sees(words[conclusion]);
    await expect(checker.step(step)).toContainText(says);
  }
});

test('a receipt whose line was left out proves it', async ({ checker, draw, serve }) => {
  await checker.open(await serve('drawn'));
  await checker.check(draw.leftOut);
  await checker.sees(words.leftOut);
  await expect(checker.step(1)).toContainText(words.holds);
  await expect(checker.step(3)).toContainText('被漏列的证据');
});

test('a promise that the list does not keep: the organiser has to answer', async ({
  checker,
  draw,
  serve,
}) => {
  await checker.open(await serve('drawn'));
  await checker.check({ ...draw.leftOut, receipt: draw.leftOut.promise });
  await checker.sees(words.leftOutPromise);
  await expect(checker.step(3)).toContainText('取消了登记');
  await expect(checker.page.getByText('被漏列的证据')).toHaveCount(0);
  await expect(checker.step(1)).toContainText('入册承诺');
  for (const person of [...draw.people.slice(0, 3), draw.group]) {
    await checker.open(await serve('drawn'));
    await checker.check({ ...person, receipt: person.broken });
    await checker.sees(words.badList);
    await expect(checker.step(3)).toContainText('与主办方签名交给您的不一致');
  }
});

test('forged receipts', async ({ checker, draw, serve }) => {
  const [winner] = await draw.winners();
  if (!winner) throw new Error('nobody has won');
  const { receipt, number } = winner.person;
  const text = receipt.slice(0, receipt.indexOf('\n\n') + 1);
  await checker.open(await serve('drawn'));
  /** @type {[string, RegExp][]} */
  const forged = [
    [receipt.replace(/,1,(\S+)$/m, ',2,$1'), /签名与回执的内容对不上/],
    [draw.forged(text), /没有本页公钥的签名/],
    [receipt.replace(/draw .*/, 'draw masks.example/other'), /属于另一次摇号：masks.example\/other/],
    [text, /不是一张完整的回执/],
    [receipt.replace(/^line .*$/m, 'line nothing'), /回执第 4 行/],
    ['您好', /不是一张完整的回执/],
  ];
  for (const [changed, says] of forged) {
    await checker.check({ receipt: changed, number });
    await checker.sees(words.badReceipt);
    await expect(checker.step(1)).toContainText(says);
    await expect(checker.step(2)).toContainText(words.unseen);
  }
});

test('a result that somebody else has signed', async ({ checker, draw, serve }) => {
  const [winner] = await draw.winners();
  if (!winner) throw new Error('nobody has won');
  /** @type {Change} */
  const signed = (bytes) => {
    const text = bytes.toString();
    return Buffer.from(draw.forged(text.slice(0, text.indexOf('\n\n') + 1)));
  };
  await checker.open(await serve('drawn', { 'result.txt': signed }));
  await checker.check(winner.person);
  await checker.sees(words.badResult);
  await expect(checker.step(6)).toContainText('result.txt 上没有本页公钥的签名');
});

test('somebody else’s ID, and what is no ID', async ({ checker, draw, serve, page }) => {
  const [one, another] = draw.people;
  if (!one || !another) throw new Error('nobody is there');
  await checker.open(await serve('drawn'));
  await checker.check({ ...one, number: another.number });
  await checker.sees(words.badIdentity);
  await expect(checker.step(2)).toContainText('与这张回执对不上');
  await checker.check({ ...one, number: '1234' });
  await expect(page.getByLabel(words.identity, { exact: true })).toBeFocused();
  await expect(page.getByText('证件号码的写法不对')).toBeVisible();
  const spaced = `${one.number.slice(0, 6)} ${one.number.slice(6)}`;
  await checker.check({ ...one, number: spaced });
  await expect(checker.step(2)).toContainText(words.holds);
  await page.getByLabel(words.kind).selectOption({ label: words.otherKind });
  await checker.check({ ...one, number: one.identity });
  await expect(checker.step(2)).toContainText(words.holds);
});

test('whoever entered with a phone number is asked for it', async ({ checker, draw, serve, page }) => {
  const [one] = draw.people;
  if (!one) throw new Error('nobody is there');
  const site = await serve('drawn');
  await page.goto(`${site.url}/check/#TEL-E164`);
  await expect(checker.button('go')).toBeEnabled();
  await expect(page.getByLabel(words.kind)).toHaveValue('TEL-E164');
  const typed = page.getByRole('textbox', { name: '手机号码' });
  await expect(typed).toBeVisible();
  await page.getByLabel(words.receipt, { exact: true }).fill(one.receipt);
  await typed.fill('1380000');
  await checker.button('go').click();
  await expect(typed).toBeFocused();
  await expect(page.getByText('内地手机号码是 11 位数字')).toBeVisible();
  // This receipt is of somebody who entered with a card.
  await typed.fill('138 0000 0001');
  await checker.button('go').click();
  await checker.sees(words.badIdentity);
});

test('nothing filled in', async ({ checker, serve, page }) => {
  await checker.open(await serve('sealed'));
  await checker.button('go').click();
  await expect(page.getByLabel(words.receipt, { exact: true })).toBeFocused();
  await expect(page.getByText('请先粘贴、扫描或打开回执。')).toBeVisible();
  await expect(page.getByText('请填写登记时用的号码。')).toBeVisible();
});

test('no camera, no code in a picture, no text in a file', async ({ checker, serve, page, file }) => {
  await checker.open(await serve('sealed'));
  const chosen = page.getByLabel(words.open, { exact: true });
  const picture = await page.screenshot();
  await chosen.setInputFiles({ name: 'code.png', mimeType: 'image/png', buffer: picture });
  await expect(page.getByText('这个浏览器不会识别二维码')).toBeVisible();
  await chosen.setInputFiles(await file('long.txt', 'x'.repeat(70_000)));
  await expect(page.getByText('这个文件打不开，或者不是文字')).toBeVisible();
  await expect(checker.button('scan')).toBeHidden();
});
