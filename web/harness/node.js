/**
 * A running Tidegate: the real program, in a folder and on ports of its own.
 *
 * Owns: the process, its folder, its tokens, and what an operator does to it. Never: touches a
 * process it has not started.
 * On failure: the error carries the end of the node's log.
 */

import { spawn, execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** The real program, as it was built last. */
export const PROGRAM = fileURLToPath(new URL('../../target/debug/tidegate', import.meta.url));
/** A debug build beside other work replays and serves within this. */
const START_MS_MAX = 30_000;
const LOG_LINES_TOLD = 30;

/**
 * @typedef {{ code: string, toml: string, tables?: Record<string, string> }} Campaign
 * @typedef {{ public: string, operator: string }} Addresses
 * @typedef {{ outcome: string, number: number, receipt: string, code?: string }} Entry
 */

export class Node {
  /** @type {import('node:child_process').ChildProcess | undefined} */
  #process;
  /** @type {Addresses} */
  #addresses = { public: '127.0.0.1:0', operator: '127.0.0.1:0' };
  #log = '';
  #folder;
  #token = '';
  #requests = 0;

  /** @param {string} folder */
  constructor(folder) {
    this.#folder = folder;
  }

  /** A new node that serves already. */
  static async start() {
    const node = new Node(await mkdtemp(join(tmpdir(), 'tidegate-pages-')));
    await node.restart();
    node.#token = await node.#newToken();
    return node;
  }

  /** Where people come to. */
  get url() {
    return `http://${this.#addresses.public}`;
  }

  /** Where operators come to. */
  get operatorUrl() {
    return `http://${this.#addresses.operator}`;
  }

  /** Starts the program, on the ports it had before if it ran before. */
  async restart() {
    const started = spawn(
      PROGRAM,
      [
        ...['serve', '--data', join(this.#folder, 'data')],
        ...['--listen', this.#addresses.public, '--operator-listen', this.#addresses.operator],
      ],
      { env: { ...process.env, TIDEGATE_LOG: 'info' }, stdio: ['ignore', 'ignore', 'pipe'] },
    );
    this.#process = started;
    this.#addresses = await this.#serving(started);
    await this.#ready();
  }

  /** Ends the program at once, as a power cut would. */
  async kill() {
    const running = this.#process;
    this.#process = undefined;
    if (running && running.exitCode === null && running.signalCode === null) {
      const ended = once(running, 'exit');
      running.kill('SIGKILL');
      await ended;
    }
  }

  /** Ends the program and removes what it wrote. */
  async stop() {
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** What the node said about itself, of late. */
  get log() {
    return this.#log.split('\n').slice(-LOG_LINES_TOLD).join('\n');
  }

  /**
   * Loads campaigns.
   * @param {...Campaign} campaigns
   */
  async load(...campaigns) {
    for (const { code, toml, tables = {} } of campaigns) {
      const file = `${code}.toml`;
      const texts = Object.entries({ [file]: toml, ...tables });
      const files = texts.map(([name, text]) => ({ name, text }));
      await this.operate('campaigns', { file, files, reason: 'a test' });
    }
  }

  /**
   * Does something to a campaign: `open`, `pause`, `close`, `publish`, …
   * @param {string} campaign
   * @param {string} what
   */
  async act(campaign, what) {
    await this.operate(`campaigns/${campaign}/actions`, { do: what, reason: 'a test' });
  }

  /**
   * One call of the operator API; with a body it is a change.
   * @param {string} path
   * @param {Record<string, unknown>} [body]
   * @returns {Promise<any>}
   */
  async operate(path, body) {
    const headers = { authorization: `Bearer ${this.#token}`, ...this.#callHeaders() };
    return this.#call(`${this.operatorUrl}/v1/operator/${path}`, headers, body);
  }

  /**
   * Makes an account of the console, on the command line.
   * @param {'owner' | 'auditor' | 'outlet'} role
   * @param {string} name
   * @param {string} password
   * @param {...string} outlets
   */
  async makeAccount(role, name, password, ...outlets) {
    const data = ['--data', join(this.#folder, 'data')];
    const made = promisify(execFile)(PROGRAM, [
      ...['account', 'create', '--role', role, '--name', name, ...data],
      ...outlets.flatMap((code) => ['--outlet', code]),
    ]);
    made.child.stdin?.end(password);
    await made;
  }

  /**
   * Enters somebody, as a program would.
   * @param {string} campaign
   * @param {Record<string, string>} identity
   * @param {string[]} places each as `outlet/item/slot`
   * @returns {Promise<Entry>}
   */
  async enter(campaign, identity, ...places) {
    return this.enterTogether(campaign, [identity], ...places);
  }

  /**
   * Enters several people as one entry, in a draw.
   * @param {string} campaign
   * @param {Record<string, string>[]} group the first of them makes the entry
   * @param {string[]} places each as `outlet/item/slot`
   * @returns {Promise<Entry>}
   */
  async enterTogether(campaign, group, ...places) {
    const [identity, ...people] = group;
    const choices = places.map((place) => {
      const [outlet, item, slot] = place.split('/');
      return { outlet, item, slot };
    });
    const url = `${this.url}/v1/campaigns/${campaign}/entries`;
    const further = people.length === 0 ? {} : { people };
    return this.#call(url, this.#callHeaders(), { identity, choices, ...further });
  }

  /**
   * How many entries a campaign holds, whatever became of them.
   * @param {string} campaign
   * @returns {Promise<number>}
   */
  async entries(campaign) {
    const { entries } = await this.operate(`campaigns/${campaign}`);
    return entries;
  }

  #callHeaders() {
    this.#requests += 1;
    const key = `pages-${process.pid}-${this.#requests}`;
    return { 'content-type': 'application/json', 'idempotency-key': key };
  }

  /**
   * @param {string} url
   * @param {Record<string, string>} headers
   * @param {Record<string, unknown>} [body]
   */
  async #call(url, headers, body) {
    const sent = body ? { method: 'POST', body: JSON.stringify(body) } : {};
    const answer = await fetch(url, { headers, ...sent });
    const said = await answer.text();
    if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${said}\n${this.log}`);
    return JSON.parse(said);
  }

  /**
   * Waits until the log tells where the node serves.
   * @param {import('node:child_process').ChildProcess} started
   * @returns {Promise<Addresses>}
   */
  #serving(started) {
    return new Promise((resolve, reject) => {
      const fail = (/** @type {string} */ why) => reject(new Error(`${why}:\n${this.log}`));
      const late = setTimeout(() => fail('the node does not serve'), START_MS_MAX);
      const from = this.#log.length;
      started.stderr?.setEncoding('utf8').on('data', (/** @type {string} */ said) => {
        this.#log += said;
        const told = /: serving .*\n/.exec(this.#log.slice(from))?.[0];
        const address = (/** @type {string} */ name) =>
          new RegExp(` ${name}=(\\S+)`).exec(told ?? '')?.[1];
        const [open, operator] = [address('public'), address('operator')];
        if (open && operator) {
          clearTimeout(late);
          resolve({ public: open, operator });
        }
      });
      started.once('error', (error) => fail(`the node cannot be started (${error.message})`));
      started.once('exit', (code) => {
        clearTimeout(late);
        fail(`the node ended with ${code}`);
      });
    });
  }

  /** Waits until the journal is replayed. */
  async #ready() {
    const until = Date.now() + START_MS_MAX;
    while (Date.now() < until) {
      if ((await fetch(`${this.url}/readyz`)).ok) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error(`the node is not ready:\n${this.log}`);
  }

  async #newToken() {
    const data = ['--data', join(this.#folder, 'data')];
    const { stdout } = await promisify(execFile)(PROGRAM, [
      ...['token', 'create', '--role', 'operator', '--name', 'a test', ...data],
    ]);
    // It stands alone in its line; the advice beside it is sentences.
    const token = stdout.split('\n').find((line) => line !== '' && !line.includes(' '));
    if (!token) throw new Error(`no token was told: ${stdout}`);
    return token;
  }
}
