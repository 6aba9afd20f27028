/** Entering a draw: several people, several choices, any place; with scripts and without. */

import { campaign } from '../harness/campaigns.js';
import { somebody } from '../harness/people.js';
import { expect, test } from '../harness/test.js';
import { Visitor } from '../harness/visitor.js';
import { LANGUAGES } from '../harness/words.js';

for (const language of LANGUAGES) {
  for (const javaScriptEnabled of [true, false]) {
    test.describe(`${language}, ${javaScriptEnabled ? 'with' : 'without'} scripts`, () => {
      test.use({ language, javaScriptEnabled });

      test('a family enters a draw', async ({ node, page, words }) => {
        const lots = { isHeldBack: true, choicesMax: 2, draws: true, together: 3 };
        await node.load(campaign('lots', lots));
        const visitor = new Visitor(page, words, node.url);
        const [mother, father, child] = [somebody(), somebody(), somebody()];
        await visitor.chooseTwo('lots');
        await visitor.pickTwo();
        await page.getByRole('checkbox', { name: words.anyPlace }).check();
        await visitor.fill(mother);
        await visitor.fillOf(words.personTwo, { ...father, phone: '123' });
        await visitor.fillOf(words.personThree, father);
        await visitor.check();

        // Nothing typed is lost by a mistake, and whose it is shows.
        await expect(page.getByRole('alert')).toContainText(words.checkThese);
        await expect(page.getByRole('alert')).toContainText(words.secondPhone);
        const second = await visitor.boxesOf(words.personTwo);
        await expect(visitor.inputOf(second, 'name')).toHaveValue(father.name);
        await expect(visitor.inputOf(second, 'phone')).toHaveAttribute('aria-invalid', 'true');
        await visitor.inputOf(second, 'phone').fill(father.phone);
        await visitor.check();
        await expect(page.getByRole('alert')).toContainText(words.checkThese);
        const third = await visitor.boxesOf(words.personThree);
        await expect(third.getByText(words.twice)).toBeVisible();
        await visitor.fillOf(words.personThree, child);
        await expect(page.getByRole('checkbox', { name: words.anyPlace })).toBeChecked();
        await visitor.check();

        for (const person of [mother, father, child]) {
          await expect(page.getByText(person.id_number)).toBeVisible();
        }
        await expect(page.getByText(words.anyPlace)).toBeVisible();
        await visitor.button(words.enterDraw).click();
        await expect(visitor.title(words.inDraw)).toBeVisible();
        await expect(page.getByText(words.pickupCode, { exact: true })).toHaveCount(0);
        expect(await node.entries('lots')).toBe(1);
        for (const person of [mother, father, child]) {
          await expect(node.enter('lots', person, 'w1/kn95/am')).rejects.toThrow('already-in');
        }
      });
    });
  }
}
