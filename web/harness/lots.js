/**
 * A draw of a campaign that draws once for all, as an operator makes it by the API.
 *
 * Owns: the order of its steps, and secrets that are none. Never: who wins.
 */

import { commitment, SECRETS } from './ceremony.js';

/** @typedef {import('./node.js').Node} Node */

const DAY_MS = 24 * 3_600_000;

/**
 * Ends the registration, draws, and publishes.
 * @param {Node} node
 * @param {string} code of the campaign
 */
export async function drawLots(node, code) {
  await node.act(code, 'close');
  const draws = `campaigns/${code}/draws`;
  const { draw } = await node.operate(draws, { reason: 'a test' });
  const step = async (/** @type {string} */ word, body = {}) => {
    await node.operate(`${draws}/${draw}/${word}`, { ...body, reason: 'a test' });
  };
  await step('seal', {
    operator_commitment: commitment(code, 'operator', draw),
    notary_commitment: commitment(code, 'notary', draw),
    notary_tag_key: '05'.repeat(32),
    balls: '1 of 0-9',
    deadline: new Date(Date.now() + DAY_MS).toISOString().replace(/\.\d+Z$/, 'Z'),
    rules: 'One for each entry.\n',
  });
  const { operator, notary } = SECRETS;
  await step('open', { operator_secret: operator, notary_secret: notary, balls: '7' });
  await step('seed');
  await step('run');
  await node.act(code, 'publish');
}
