/**
 * The folder of a draw, as somebody serves it.
 *
 * Owns: that a file which should be there is there, and that an event is signed by the operator's
 * key and of its draw. Never: keeps a file, or takes an unsigned one for an event.
 */

import { digest, textOf } from "./bytes.js";
import { event } from "./forms.js";
import { readNote, standing } from "./note.js";
import { Problem } from "./problem.js";

/**
 * Brings a file's bytes, by its path in the folder; nothing if it is not there.
 *
 * @typedef {(path: string) => Promise<import("./bytes.js").Bytes | undefined>} Load
 */

/** @typedef {import("./forms.js").Event & { text: string, digest: string }} Signed */

export class Folder {
  /**
   * @param {import("./note.js").Key} key
   * @param {Load} load
   */
  constructor(key, load) {
    this.key = key;
    this.load = load;
    this.bytes = this.bytes.bind(this);
  }

  /**
   * A file that should be there.
   *
   * @param {string} file
   */
  async bytes(file) {
    const bytes = await this.load(file);
    if (!bytes) {
      throw new Problem("missing", { file }, "unsure");
    }
    return bytes;
  }

  /**
   * A text that should be there.
   *
   * @param {string} file
   */
  async text(file) {
    return this.read(file, await this.bytes(file));
  }

  /**
   * @param {string} file
   * @param {import("./bytes.js").Bytes} bytes
   */
  read(file, bytes) {
    const text = textOf(bytes);
    if (text === undefined) {
      throw new Problem("file_shape", { file, line: "1" });
    }
    return text;
  }

  /**
   * The text of a note that should be there, and that the operator has signed.
   *
   * @param {string} file
   */
  async note(file) {
    return this.signed(file, await this.text(file));
  }

  /**
   * The text of a note, if the operator has signed it.
   *
   * @param {string} file
   * @param {string} written
   */
  async signed(file, written) {
    const note = readNote(written);
    if (!note) {
      throw new Problem("file_note", { file });
    }
    const found = await standing(note, this.key);
    if (found !== "signed") {
      throw new Problem(`file_${found}`, { file, name: this.key.name });
    }
    return note.text;
  }

  /**
   * An event, if it is there: signed, of this draw, and behind the one with the digest `previous`.
   *
   * @param {Parameters<typeof event>[0]} kind
   * @param {string} file
   * @param {string} previous
   * @returns {Promise<Signed | undefined>}
   */
  async event(kind, file, previous) {
    const bytes = await this.load(file);
    if (!bytes) {
      return undefined;
    }
    const text = await this.signed(file, this.read(file, bytes));
    const read = event(kind, text, file);
    this.ofThisDraw(file, read.draw);
    if (read.previous !== previous) {
      throw new Problem("file_chain", { file });
    }
    return { ...read, text, digest: await digest(text) };
  }

  /**
   * @param {string} file
   * @param {string} draw
   */
  ofThisDraw(file, draw) {
    if (draw !== this.key.name) {
      throw new Problem("file_other_draw", { file, found: draw, draw: this.key.name });
    }
  }
}
