/**
 * What the page calls wrong while one types, beside what the server says of the same: the page
 * may know less, and must never call wrong what the server takes.
 */

import { ONLY_PLACE } from '../harness/campaigns.js';
import { somebody } from '../harness/people.js';
import { expect, test } from '../harness/test.js';

const ID = '11010519491231002X';

/** Values, and whether the server takes them, and whether the page calls them wrong. */
/** @type {Record<'phone' | 'idNumber', [string, boolean, boolean][]>} */
const TABLE = {
  phone: [
    ['13800138001', true, false],
    ['138 0013 8001', true, false],
    ['１３８００１３８００１', true, false],
    ['(+86) 138-0013-8001', true, false],
    ['＋８６ 138‐0013‐8001', true, false],
    ['008613800138001', true, false],
    ['8613800138001', true, false],
    ['\u202a13800138001\u202c', true, false],
    ['+852 5123 4567', true, false],
    ['00852 5123 4567', true, false],
    ['010 6552 9988', true, false],
    ['1065529988', true, false],
    ['17951 138 0013 8001', true, false],
    ['1380013800', false, true],
    ['138001380011', false, true],
    ['+86 1380013800', false, true],
    ['１３８００１３８００', false, true],
    ['1380013800l', false, true],
    ['12345', false, false],
  ],
  idNumber: [
    [ID, true, false],
    [ID.toLowerCase(), true, false],
    ['11010519491231002Ｘ', true, false],
    ['１１０１０５１９４９１２３１００２Ｘ', true, false],
    ['110105-19491231-002x', true, false],
    ['110105　19491231　002X', true, false],
    ['110105194912310021', false, true],
    ['11010519491231002', false, true],
    ['110105491231002', false, true],
    ['1101051949123100２Y', false, true],
    ['90010519491231002X', false, true],
  ],
};
const CODES = { phone: 'phone', idNumber: 'id_number' };

for (const which of /** @type {const} */ (['phone', 'idNumber'])) {
  test(`the page never calls a ${which} wrong that the server takes`, async ({ visitor, city }) => {
    await visitor.fillForm('shop', somebody());
    const input = visitor.input(which);
    for (const [value, isTaken, isCalledWrong] of TABLE[which]) {
      await input.fill(value);
      await input.blur();
      const shown = expect(input, value);
      await (isCalledWrong ? shown : shown.not).toHaveAttribute('aria-invalid', 'true');
      expect(isTaken && isCalledWrong, value).toBe(false);
      expect(await wrongFields(city.node.url, { [CODES[which]]: value }), value).toEqual(
        isTaken ? [] : [CODES[which]],
      );
    }
  });
}

test('an ID number of 15 digits is told to be the old one', async ({ visitor, page, words }) => {
  await visitor.fillForm('shop', somebody());
  await visitor.input('idNumber').fill('110105491231002');
  await visitor.input('idNumber').blur();
  await expect(page.getByText(words.oldNumber)).toBeVisible();
});

/**
 * The fields that the server finds wrong, besides the name: nobody is entered without one.
 * @param {string} url
 * @param {Record<string, string>} identity
 * @returns {Promise<string[]>}
 */
async function wrongFields(url, identity) {
  const [outlet, item, slot] = ONLY_PLACE.split('/');
  const answer = await fetch(`${url}/v1/campaigns/shop/entries`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() },
    body: JSON.stringify({
      identity: { ...somebody(), name: '', ...identity },
      choices: [{ outlet, item, slot }],
    }),
  });
  /** @type {{ errors: { field: string }[] }} */
  const { errors } = await answer.json();
  const wrong = errors.map(({ field }) => field);
  expect(wrong).toContain('name');
  return wrong.filter((field) => field !== 'name');
}
