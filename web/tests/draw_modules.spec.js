/** The modules of the draw's page by themselves, in Node, where a rehearsal runs them, too. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '../harness/draw_page.js';

/** @param {string} name of a module, which the types of the pages are held to by themselves */
const load = (name) => import(new URL(`../../crates/drawpage/page/${name}.js`, import.meta.url).href);

const { check } = await load('check');
const { compute, verify } = await load('ed25519');
const { en } = await load('en');
const { cutoffs, event, line, seal, stock } = await load('forms');
const { identityOf } = await load('identity');
const { zh } = await load('zh');
const { unhex, utf8 } = await load('bytes');
const { fileOf, leaf, List } = await load('list');
const { readKey, readNote, standing } = await load('note');
const { decimal } = await load('outcome');

/** RFC 8032, section 7.1: key, message, signature. */
const VECTORS = [
  [
    'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    '',
    'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  ],
  [
    '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    '72',
    '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  ],
  [
    'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
    'af82',
    '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
  ],
];
/** The order of the base point, the lowest byte first. */
const ORDER = 'edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010';

/**
 * @param {string | undefined} digits
 * @returns {Uint8Array}
 */
function bytes(digits) {
  const read = unhex(digits ?? '');
  if (!read) throw new Error('no hexadecimal');
  return read;
}

test('what people entered with is written as the list has it', async () => {
  const name = 'BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD';
  /** @type {[string, string, string | undefined][]} */
  const cases = [
    ['RIC-CN', ' 110101 19900307 002x ', 'RIC-CN:11010119900307002X'],
    ['RIC-CN', '1101011990030700', undefined],
    ['TEL-E164', '138 0000 0001', 'TEL-E164:+8613800000001'],
    ['TEL-E164', '+86 138-0000-0001', 'TEL-E164:+8613800000001'],
    ['TEL-E164', '１３８００００００００１', undefined],
    ['TEL-E164', '１３８０００００００１', 'TEL-E164:+8613800000001'],
    ['TEL-E164', '00852 5123 4567', 'TEL-E164:+85251234567'],
    ['TEL-E164', '+1 (212) 555.0123', 'TEL-E164:+12125550123'],
    ['TEL-E164', '51234567', undefined],
    ['PPT-ANY', 'e 1234-5678', 'PPT-ANY:E12345678'],
    ['PPT-ANY', 'E123', undefined],
    ['HRP-CN', 'h12345678', 'HRP-CN:H12345678'],
    ['HRP-CN', 'H1234567801', 'HRP-CN:H12345678'],
    ['HRP-CN', 'X12345678', undefined],
    ['TXT-SHA256', ' abc ', `TXT-SHA256:${name}`],
    ['TXT-SHA256', '  ', undefined],
    ['other', 'ric-cn:11010119900307002x', 'RIC-CN:11010119900307002X'],
    ['other', 'nothing', undefined],
  ];
  for (const [kind, typed, written] of cases) {
    expect(await identityOf(kind, typed), `${kind} ${typed}`).toBe(written);
  }
});

test('signatures of RFC 8032 hold, by the browser and by the own arithmetic', async () => {
  for (const [key, message, signature] of VECTORS.map((vector) => vector.map(bytes))) {
    if (!key || !message || !signature) throw new Error('half a vector');
    for (const way of [verify, compute]) {
      expect(await way(key, message, signature)).toBe(true);
      for (const [part, place] of /** @type {const} */ ([['s', 0], ['s', 33], ['k', 5], ['m', 0]])) {
        const parts = { s: signature.slice(), k: key.slice(), m: Uint8Array.of(...message, 1) };
        parts[part].set([(parts[part][place] ?? 0) ^ 1], place);
        const made = await way(parts.k, part === 'm' ? parts.m : message, parts.s);
        expect(made, `${part} ${place}`).toBe(false);
      }
    }
  }
});

test('an S that is not below the order, and keys that are none, are refused', async () => {
  const [key, message, signature] = (VECTORS[1] ?? []).map(bytes);
  if (!key || !message || !signature) throw new Error('half a vector');
  let carry = 0;
  const order = bytes(ORDER);
  const larger = signature.slice();
  for (let place = 0; place < 32; place += 1) {
    const sum = (larger[32 + place] ?? 0) + (order[place] ?? 0) + carry;
    larger[32 + place] = sum & 255;
    carry = sum >> 8;
  }
  for (const way of [verify, compute]) {
    expect(await way(key, message, larger)).toBe(false);
    expect(await way(key.slice(1), message, signature)).toBe(false);
    expect(await way(key, message, signature.slice(1))).toBe(false);
  }
  // The neutral point, a point of order two, a y that is no point, and a y written too long.
  for (const none of ['01', 'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f', '02']) {
    const small = new Uint8Array(32);
    small.set(bytes(none));
    expect(await compute(small, message, new Uint8Array(64))).toBe(false);
  }
  const long = new Uint8Array(32).fill(255);
  long.set([0xee], 0);
  long.set([0x7f], 31);
  expect(await compute(long, message, signature)).toBe(false);
});

/** What every program that checks a draw must take or refuse alike. */
const AGREEMENT = JSON.parse(
  await readFile(new URL('../../crates/draw/tests/vector/agreement.json', import.meta.url), 'utf8'),
);

/**
 * @param {(string | [string, number, string?])[]} parts as they are written, or so many times; with
 *   a third text, counted between the two
 */
function joined(parts) {
  return parts
    .map((part) => {
      if (typeof part === 'string') return part;
      const [before, times, behind] = part;
      if (behind === undefined) return before.repeat(times);
      return Array.from({ length: times }, (_, at) => `${before}${at + 1}${behind}`).join('');
    })
    .join('');
}

test('notes and events are taken or refused as by every other program', async () => {
  for (const { what, key, note, taken } of AGREEMENT.notes) {
    const own = await readKey(key);
    const read = readNote(joined(note));
    const found = own && read ? await standing(read, own) : 'none';
    expect(found === 'signed', what).toBe(taken);
    const one = read?.signatures.find((/** @type {{ name: string }} */ { name }) => name === own?.name);
    if (own && one) {
      expect(await compute(own.bytes, utf8(read.text), one.bytes), `computed: ${what}`).toBe(taken);
    }
  }
  for (const { what, file, text, taken } of AGREEMENT.events) {
    const read = () =>
      file === 'seal.txt' ? seal(joined(text), file) : event('void', joined(text), file);
    if (taken) read();
    else expect(read, what).toThrow('file_shape');
  }
});

test('stocks, cut-offs and entries are taken or refused as by every other program', () => {
  for (const { what, file, stock: of, text, taken } of AGREEMENT.tables) {
    const written = joined(text);
    if (file === 'entries.txt') {
      const buckets = stock(joined(of), 'stock.txt');
      const read = line(written);
      const isKnown = read?.choices.every((/** @type {string} */ bucket) => buckets.has(bucket));
      expect(Boolean(isKnown), what).toBe(taken);
      continue;
    }
    const read = () =>
      file === 'stock.txt'
        ? stock(written, file)
        : cutoffs(written, stock(joined(of), 'stock.txt'), file);
    if (taken) read();
    else expect(read, what).toThrow('file_shape');
  }
});

test('a row that is cut off, a bucket twice and too many units are named by their line', () => {
  const number = 'ab'.repeat(32);
  /** @type {[() => unknown, string, string][]} */
  const cases = [
    [() => cutoffs(`1,A,1,${number}`, stock('A,1\n', 'stock.txt'), 'cutoffs.txt'), 'cutoffs.txt', '1'],
    [() => stock('A,1\nB,2', 'stock.txt'), 'stock.txt', '2'],
    [() => stock('A,1\nB,1\nA,1\n', 'stock.txt'), 'stock.txt', '3'],
    [() => stock('A,1\nB,4294967296\n', 'stock.txt'), 'stock.txt', '2'],
    [() => stock('', 'stock.txt'), 'stock.txt', '1'],
  ];
  for (const [read, file, at] of cases) {
    expect(read).toThrow(`file_shape {"file":"${file}","line":"${at}"}`);
  }
});

test('a tile lies where the specification says', () => {
  expect(fileOf(0, 1_234_067, 400_000_000)).toBe('tile/0/x001/x234/067');
  expect(fileOf(2, 0, 20_000_000)).toBe('tile/2/000');
  expect(fileOf('entries', 273, 70_000)).toBe('tile/entries/273.p/112');
  expect(fileOf(1, 1, 70_000)).toBe('tile/1/001.p/17');
});

test('a deadline that no calendar and no clock has is refused', () => {
  const digest = 'ab'.repeat(32);
  /** @param {string} deadline */
  const read = (deadline) =>
    seal(
      `tidegate-seal/v1\ndraw d\nsuite sha256\nentries 1 root ${digest} file ${digest}\n` +
        `stock ${digest}\nrules ${digest}\nprogram 0.1.0 ${digest}\n` +
        `operator-commitment ${digest}\nnotary-commitment ${digest}\n` +
        `balls none\ndrand none\ndeadline ${deadline}\nprevious none\n`,
      'seal.txt',
    );
  expect(read('2028-02-29T23:59:59Z').deadline).toBe('2028-02-29T23:59:59Z');
  const beyond = ['1999-12-31T23:59:59Z', '9999-01-01T00:00:00Z'];
  const nowhere = ['2026-13-01T00:00:00Z', '2026-02-30T00:00:00Z', '2026-02-18T24:00:00Z'];
  for (const none of [...nowhere, ...beyond]) {
    expect(() => read(none)).toThrow('file_shape {"file":"seal.txt","line":"12"}');
  }
});

test('numbers are told apart, and not rounded', () => {
  expect(decimal('ff'.repeat(32))).toBe('0.999999');
  expect(decimal('00'.repeat(32))).toBe('0.000000');
  expect(decimal('80'.padEnd(64, '0'), '80000000'.padEnd(64, '1'))).toBe('0.500000000000');
  const [one, next] = ['5'.padEnd(64, '0'), `${'5'.padEnd(63, '0')}1`];
  expect(decimal(one, next)).not.toBe(decimal(next, one));
});

test('both languages say the same things', () => {
  /** @param {object} texts @returns {string[]} each text's way, with its places */
  const ways = (texts) =>
    Object.entries(texts).flatMap(([key, text]) =>
      typeof text === 'string'
        ? [[key, ...(text.match(/\{\w+\}/g) ?? []).sort()].join(' ')]
        : ways(text).map((way) => `${key}.${way}`),
    );
  expect(ways(en)).toEqual(ways(zh));
  const empty = (/** @type {object} */ texts) => JSON.stringify(texts).includes('""');
  expect([empty(zh), empty(en)]).toEqual([false, false]);
});

test('a list that was made so that guesses fail is searched all the same', async () => {
  const lines = Array.from({ length: 5000 }, (_, at) => `${'f'.repeat(10)}${String(at).padStart(9, '0')}`);
  lines[0] = '0';
  const size = lines.length;
  let asked = 0;
  /** @param {string} path */
  const bundle = async (path) => {
    asked += 1;
    const number = Number(/(\d{3})(\.p\/\d+)?$/.exec(path)?.[1]);
    const parts = lines.slice(number * 256, number * 256 + 256).map((line) => {
      return Uint8Array.of(0, line.length, ...utf8(line));
    });
    return new Uint8Array(Buffer.concat(parts));
  };
  for (const at of [0, 1, 255, 256, 2500, 4999]) {
    asked = 0;
    const list = new List({ size, root: new Uint8Array(32) }, bundle);
    expect(await list.search(lines[at] ?? '')).toBe(Math.floor(at / 256));
    expect(asked).toBeLessThanOrEqual(10);
  }
  expect((await leaf('')).length).toBe(32);
});

test('a thousand receipts give what the program has drawn', async ({ draw, note }) => {
  const key = await readKey(draw.key);
  if (!key) throw new Error('the key is none');
  const won = new Map(
    [...(await draw.winners()), ...(await draw.winners(1))].map((one) => [one.person, one.bucket]),
  );
  /** @type {Map<string, Promise<Uint8Array<ArrayBuffer> | undefined>>} */
  const files = new Map();
  /** @param {string} path */
  const bring = (path) => {
    const file = files.get(path) ?? readFile(join(draw.folder('alternates'), path)).then(
      (found) => new Uint8Array(found),
      () => undefined,
    );
    files.set(path, file);
    return file;
  };
  const began = performance.now();
  const wrong = [];
  for (const person of [...draw.people, draw.group]) {
    const { receipt, identity } = person;
    const steps = await check({ receipt, identity, key, load: bring });
    const last = steps.at(-1);
    const isRight = steps.every((/** @type {{ state: string }} */ { state }) => state === 'right');
    if (!isRight || last?.places['bucket'] !== (won.get(person) ?? '')) wrong.push(steps);
  }
  note(`${Math.round(performance.now() - began)} ms for ${draw.people.length + 1} receipts`);
  expect(wrong).toEqual([]);
  expect(won.size).toBeGreaterThan(200);
});
