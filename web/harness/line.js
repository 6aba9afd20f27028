/**
 * A line between a browser and a node that can be cut, and that can fall silent.
 *
 * Owns: the connections it passes on. Never: looks into what it passes on.
 */

import { once } from 'node:events';
import { connect, createServer } from 'node:net';

export class Line {
  /** @type {Set<import('node:net').Socket>} */
  #ends = new Set();
  #server;
  #isCut = false;
  #isSilent = false;

  /** @param {string} url of the node */
  constructor(url) {
    const { hostname, port } = new URL(url);
    this.#server = createServer((near) => {
      if (this.#isCut) {
        near.destroy();
        return;
      }
      const far = connect(Number(port), hostname);
      this.#pass(near, far);
      this.#pass(far, near);
    });
  }

  /**
   * A line to a node.
   * @param {string} url
   */
  static async to(url) {
    const line = new Line(url);
    line.#server.listen(0, '127.0.0.1');
    await once(line.#server, 'listening');
    return line;
  }

  /** Where the browser comes to. */
  get url() {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the line has ended');
    return `http://127.0.0.1:${address.port}`;
  }

  /** Breaks what is connected, and lets nobody through. */
  cut() {
    this.#isCut = true;
    for (const end of this.#ends) end.destroy();
  }

  /** Lets everybody through again. */
  mend() {
    this.#isCut = false;
    this.#isSilent = false;
  }

  /** Passes nothing on any more, and breaks nothing, as a phone does that lost its cell. */
  fallSilent() {
    this.#isSilent = true;
  }

  /** Ends it. */
  async end() {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }

  /**
   * @param {import('node:net').Socket} from
   * @param {import('node:net').Socket} to
   */
  #pass(from, to) {
    this.#ends.add(from);
    from.on('data', (bytes) => {
      if (!this.#isSilent) to.write(bytes);
    });
    // Whichever way one end ends, so does the other.
    from.on('error', () => to.destroy());
    from.on('close', () => {
      this.#ends.delete(from);
      to.destroy();
    });
  }
}
