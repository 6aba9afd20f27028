/**
 * A draw that is over: made-up people with receipts, drawn by the real program.
 *
 * Owns: the folder in each state of the draw and of others that go on from it or have no public
 * source, and receipts, which are written here from docs/draw-format.md alone. Never: writes into a
 * folder of the program: what is tampered with is changed on its way to the browser.
 */

import { execFile } from 'node:child_process';
import { createHash, createPrivateKey, sign } from 'node:crypto';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PROGRAM } from './node.js';

/** A recorded round of drand's quicknet, of 15 September 2023. */
const ROUND = '657413';
const BEACON =
  'b713718a38ae728dfd477991af2822e08d2f305e47718cef9f7848ce4050e7be' +
  '41076862b98fad56e91a6b85b89cd97b';
const NAME = 'masks.example/2023-09-15';
const PEOPLE = 1000;
const STOCK = 'P1-N95#65,5\nP1-N95,40\nP2-KN95,60\nP3-CLOTH,0\nP4-N95,120\nP5-ANY,30\n';
const CHOICES = [
  'P1-N95>P2-KN95',
  'P1-N95#65>P1-N95',
  'P2-KN95>*',
  'P3-CLOTH>P4-N95',
  'P4-N95>P1-N95',
];

/**
 * @typedef {object} Person
 * @property {string} number of the ID card
 * @property {string} identity as a draw writes it
 * @property {string} line
 * @property {string} receipt
 * @property {string} promise as it was given before the list was sealed
 * @property {string} broken a promise of more tickets than the line has
 */

/**
 * Where the draw stands; `again` has three events of alternates; `next` is sealed behind
 * `alternates` over those who have nothing by then, and `private` is one without balls and beacon.
 * @typedef {'sealed' | 'opened' | 'seeded' | 'drawn' | 'alternates' | 'again' | 'void'} Own
 * @typedef {Own | 'next' | 'private'} Stage
 */

export class Draw {
  /** @type {Person[]} */
  people = [];
  /** Three people who enter together; the number of the second is `group.number`. */
  group = /** @type {Person} */ ({});
  /** A receipt that is signed, and whose line was left out. */
  leftOut = /** @type {Person} */ ({});
  #folder = '';
  #key = '';

  /** Makes all of it. */
  static async found() {
    const draw = new Draw();
    draw.#folder = await mkdtemp(join(tmpdir(), 'tidegate-draw-'));
    await draw.#people();
    await draw.#make();
    return draw;
  }

  /** The operator's key as it was published. */
  get key() {
    return this.#key;
  }

  /** @param {Stage} stage */
  folder(stage) {
    return join(this.#folder, stage);
  }

  async remove() {
    await rm(this.#folder, { recursive: true });
  }

  /** @param {string[]} words @returns {Promise<string>} */
  async #give(...words) {
    const { stdout } = await promisify(execFile)(PROGRAM, ['draw', ...words], { cwd: this.#folder });
    return stdout;
  }

  async #people() {
    this.#key = ((await this.#give('key', 'key', '--name', NAME)).split('\n')[1] ?? '').trim();
    const key = await this.#signing('key');
    this.people = Array.from({ length: PEOPLE }, (_, at) => entry(key, [at], 1 + (at % 3), at));
    this.group = entry(key, [5001, 5002, 5003], 1, 4, 3);
    this.leftOut = entry(key, [6001], 1, 0);
    const lines = [...this.people, this.group].map(({ line }) => `${line}\n`);
    await writeFile(join(this.#folder, 'entries'), lines.join(''));
    await writeFile(join(this.#folder, 'stock'), STOCK);
    await writeFile(join(this.#folder, 'rules'), '人人可报名。\n');
    await writeFile(join(this.#folder, 'returned'), 'P4-N95,9\n');
  }

  async #make() {
    /** @param {string} again what the names of the secrets' files end with */
    const commitments = async (again = '') => {
      const parties = ['operator', 'notary'].map(async (party) => {
        const said = await this.#give('secret', party + again, '--draw', NAME, '--party', party);
        return [`--${party}-commitment`, said.split('\n')[2] ?? ''];
      });
      return (await Promise.all(parties)).flat();
    };
    const first = await commitments();
    /** @param {string[]} others and of which list and stock, and by what */
    const seal = async (...[folder = '', list = '', stock = '', ...others]) => {
      await this.#give(
        ...['seal', folder, '--rehearsal', '--draw', NAME, '--key', 'key', '--deadline', '2023-09-15T12:00:00Z'],
        ...['--entries', list, '--stock', stock, '--rules', 'rules', ...others],
      );
      await this.#give('page', folder, '--operator-key', this.#key);
    };
    const sources = ['--balls', '3 of 01-49, in the order drawn', '--drand-round', ROUND];
    await seal('draw', 'entries', 'stock', ...first, ...sources);
    await this.#keep('sealed');
    const secrets = ['--operator-secret', 'operator', '--notary-secret', 'notary'];
    const open = ['open', 'draw', '--rehearsal', ...secrets, '--balls', '08 41 17'];
    await this.#give(...open, '--key', 'key');
    await this.#keep('opened');
    await this.#give('seed', 'draw', '--rehearsal', '--beacon', BEACON, '--key', 'key');
    await this.#keep('seeded');
    await this.#give('run', 'draw', '--key', 'key');
    await this.#keep('drawn');
    const returned = ['--returned', 'returned', '--key', 'key'];
    await this.#give('alternates', 'draw', '--event', '1', ...returned);
    await this.#keep('alternates');
    const next = ['--entries', 'next-entries', '--stock', 'next-stock'];
    await this.#give('remaining', 'alternates', '--returned', 'returned', ...next);
    // Everybody knows the first secrets by now.
    const after = ['--after', 'alternates', ...(await commitments('-again'))];
    await seal('next', 'next-entries', 'next-stock', ...after, ...sources);
    await seal('private', 'entries', 'stock', ...first);
    await this.#give('open', 'private', '--rehearsal', ...secrets, '--key', 'key');
    await this.#give('seed', 'private', '--rehearsal', '--key', 'key');
    await this.#give('run', 'private', '--key', 'key');
    for (const event of ['2', '3']) {
      await this.#give('alternates', 'draw', '--event', event, ...returned);
    }
    await this.#keep('again');
    await this.#give('void', 'draw', '--reason', 'The hall was on fire.', '--key', 'key');
    await this.#keep('void');
  }

  /** @param {Stage} stage */
  async #keep(stage) {
    await cp(join(this.#folder, 'draw'), this.folder(stage), { recursive: true });
  }

  /** @param {string} file of a key to sign with */
  async #signing(file) {
    return signing(await readFile(join(this.#folder, file), 'utf8'));
  }

  /**
   * A note of which the operator has signed another text, as only the key's owner could make it.
   * @param {(text: string) => string} change
   * @returns {Promise<(bytes: Buffer) => Buffer>}
   */
  async resigned(change) {
    const key = await this.#signing('key');
    return (bytes) => {
      const text = bytes.toString();
      const [before, after] = [text, change(text.slice(0, text.indexOf('\n\n') + 1))];
      if (before.startsWith(after)) throw new Error('nothing was changed');
      return Buffer.from(note(after, key));
    };
  }

  /**
   * A note signed by somebody else's key that bears the draw's name, as a forger would make it.
   * @param {string} text
   */
  forged(text) {
    const seed = createHash('sha256').update('somebody else').digest();
    return note(text, keyOf(NAME, seed));
  }

  /**
   * The proof that somebody's line is in the list, as the program gives it.
   * @param {Person} person
   * @param {(name: string, text: string) => Promise<string>} file
   */
  async proof({ receipt }, file) {
    return this.#give('prove', 'drawn', '--of', await file('receipt.txt', receipt));
  }

  /** Who got what of which bucket, by the program's own files, from 0 for the draw itself. */
  async winners(event = 0) {
    const list = (await readFile(join(this.folder('alternates'), 'entries.txt'), 'utf8')).split('\n');
    const file = event === 0 ? 'winners.txt' : `winners-${event}.txt`;
    const rows = (await readFile(join(this.folder('alternates'), file), 'utf8')).trim().split('\n');
    return rows.map((row) => {
      const [number = '', index = '', bucket = '', pass = ''] = row.split(',');
      const line = list[Number(index)] ?? '';
      const person = [...this.people, this.group].find((one) => one.line === line);
      if (!person) throw new Error(`nobody has line ${index}`);
      return { number, index: Number(index), bucket, pass, person };
    });
  }

  /** Those who got nothing at all, by the same files. */
  async losers() {
    const won = [...(await this.winners()), ...(await this.winners(1))].map(({ person }) => person);
    return this.people.filter((person) => !won.includes(person));
  }
}

/** @typedef {{ name: string, id: Buffer, key: import('node:crypto').KeyObject }} Signing */

/**
 * @param {Signing} key
 * @param {number[]} numbers of the people
 * @param {number} tickets
 * @param {number} choice
 * @param {number} [units]
 * @returns {Person}
 */
function entry(key, numbers, tickets, choice, units = 1) {
  const people = numbers.map((number) => {
    const card = `110101${19_600_307 + (number % 40) * 10_000}${String(number).padStart(4, '0')}`;
    const identity = `RIC-CN:${card}`;
    const salt = sha256(`salt ${number}`);
    const commit = sha256(`tidegate/commit/v1:${NAME}:${salt}:${identity}`);
    return { card, identity, salt, commit, tag: sha256(`tag ${number}`).slice(0, 32) };
  });
  const joined = (/** @type {'commit' | 'tag'} */ part) => people.map((one) => one[part]).join('+');
  const choices = CHOICES[choice % CHOICES.length];
  const line = `${joined('commit')},${joined('tag')},${tickets},${units},${choices}`;
  const salts = people.map(({ salt }) => `salt ${salt}\n`).join('');
  const receipt = note(`tidegate-receipt/v1\ndraw ${NAME}\n${salts}line ${line}\n`, key);
  const zeros = people.map(() => '0'.repeat(32)).join('+');
  /** @param {number} promised */
  const promises = (promised) => {
    const untagged = `${joined('commit')},${zeros},${promised},${units},${choices}`;
    return note(`tidegate-promise/v1\ndraw ${NAME}\n${salts}line ${untagged}\n`, key);
  };
  const [promise, broken] = [promises(1), promises(tickets + 1)];
  const one = people[people.length >> 1];
  const { card: number = '', identity = '' } = one ?? {};
  return { number, identity, line, receipt, promise, broken };
}

/** @param {string} text */
function sha256(text) {
  return createHash('sha256').update(text).digest('hex');
}

/** @param {string} written a key's file: `PRIVATE+KEY+name+id+base64` */
function signing(written) {
  const [, , name = '', , ...base64] = written.trim().split('+');
  return keyOf(name, Buffer.from(base64.join('+'), 'base64').subarray(1));
}

/**
 * @param {string} name
 * @param {Buffer} seed of 32 bytes
 * @returns {Signing}
 */
function keyOf(name, seed) {
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const { x = '' } = key.export({ format: 'jwk' });
  const own = Buffer.from(x, 'base64url');
  const hashed = createHash('sha256').update(`${name}\n\x01`).update(own).digest();
  return { name, id: hashed.subarray(0, 4), key };
}

/**
 * @param {string} text
 * @param {Signing} key
 */
function note(text, { name, id, key }) {
  const signature = Buffer.concat([id, sign(null, Buffer.from(text), key)]).toString('base64');
  return `${text}\n— ${name} ${signature}\n`;
}
