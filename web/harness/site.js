/**
 * A static web server, as anybody has one: it hands a folder's files out.
 *
 * Owns: the address, and changing a file on its way. Never: writes.
 */

import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';

/** @type {Record<string, string>} */
const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/**
 * What becomes of a file: other bytes, a status in place of it, or nothing when the line is cut.
 * @typedef {(bytes: Buffer) => Buffer | string | number | undefined} Change
 */

export class Site {
  /** Every path that was asked for, as it was asked. */
  asked = /** @type {string[]} */ ([]);
  #server = createServer((request, response) => void this.#answer(request, response));
  #folder;
  #changes;

  /**
   * @param {string} folder
   * @param {Record<string, Change>} changes by a file's path
   */
  constructor(folder, changes = {}) {
    this.#folder = folder;
    this.#changes = changes;
  }

  /**
   * @param {string} folder
   * @param {Record<string, Change>} [changes]
   */
  static async start(folder, changes) {
    const site = new Site(folder, changes);
    site.#server.listen(0, '127.0.0.1');
    await once(site.#server, 'listening');
    return site;
  }

  get url() {
    const address = this.#server.address();
    if (!address || typeof address === 'string') throw new Error('the site is not served');
    return `http://127.0.0.1:${address.port}`;
  }

  async stop() {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  /**
   * @param {import('node:http').IncomingMessage} request
   * @param {import('node:http').ServerResponse} response
   */
  async #answer(request, response) {
    const asked = decodeURIComponent(new URL(request.url ?? '/', this.url).pathname);
    this.asked.push(asked);
    const file = normalize(asked.endsWith('/') ? `${asked}index.html` : asked).slice(1);
    let bytes;
    try {
      bytes = await readFile(join(this.#folder, file));
    } catch {
      response.writeHead(404).end();
      return;
    }
    const change = this.#changes[file];
    const changed = change ? change(bytes) : bytes;
    if (changed === undefined) {
      request.socket.destroy();
    } else if (typeof changed === 'number') {
      response.writeHead(changed).end();
    } else {
      const type = TYPES[extname(file)] ?? 'application/octet-stream';
      response.writeHead(200, { 'Content-Type': type }).end(changed);
    }
  }
}
