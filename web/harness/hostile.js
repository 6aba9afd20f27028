/**
 * Texts that try to be more than text.
 *
 * Owns: the texts, and the mark that one of them leaves when it runs.
 */

/** What a script of ours sets on `window` when it gets to run. */
export const RAN = '__ran';

const SET = `window.${RAN}=1`;

/**
 * Markup in a text, an attribute and a script; quotes of all kinds; Arabic, which runs the other
 * way; signs beyond the first plane; a template's braces.
 */
export const HOSTILE =
  `<script>${SET}</script>"'><img src=x onerror=${SET}>` +
  `</title></textarea>\`\${${SET}}{{7*7}}&lt;&#60; שלום عاجل 👩‍👩‍👧‍👦🧪 e\u0301`;

/** Without a place to break. */
export const LONG_WORD = 'Donaudampfschifffahrt'.repeat(9);

/** The same in the hundred characters that a field of the form takes. */
export const HOSTILE_NAME = `"'><script>${SET}</script><img src=x onerror=${SET}>عاجل👩‍👧🧪{{7*7}}`;
