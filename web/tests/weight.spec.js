/** What a booking page costs on a slow line, as it comes over the wire. */

import { slowLine } from '../harness/phone.js';
import { expect, test } from '../harness/test.js';
import { listen } from '../harness/wire.js';

const BYTES_MAX = 40 * 1024;

test.use({ viewport: { width: 390, height: 844 } });

for (const [name, path] of Object.entries({
  'first step': '/c/masks',
  form: '/c/masks?outlet1=w2',
  'a district of many outlets': '/c/districts?district=2',
})) {
  test(`${name}: all of it within 40 KiB`, async ({ visitor, page, note }) => {
    const wire = await listen(page);
    await slowLine(page);
    await visitor.open(path);
    await page.waitForLoadState('networkidle');
    const parts = wire();
    const bytes = parts.reduce((sum, part) => sum + part.bytes, 0);
    const told = parts.map((part) => `${new URL(part.url).pathname} ${part.bytes}`);
    note(`${bytes} bytes in ${parts.length} answers: ${told.join(', ')}`);
    expect(parts.map((part) => new URL(part.url).pathname)).toContain(path.split('?')[0]);
    expect(bytes).toBeLessThan(BYTES_MAX);

    const { blocking, firstPaint } = await page.evaluate(() => {
      const resources = /** @type {(PerformanceResourceTiming & { renderBlockingStatus: string })[]} */ (
        performance.getEntriesByType('resource')
      );
      const blocking = resources.filter((resource) => resource.renderBlockingStatus === 'blocking');
      const [paint] = performance.getEntriesByName('first-contentful-paint');
      return { blocking: blocking.map((resource) => resource.name), firstPaint: paint?.startTime };
    });
    const when = firstPaint === undefined ? 'never' : `after ${Math.round(firstPaint)} ms`;
    note(`400 kbit/s, 400 ms: painted ${when}, ${1 + blocking.length} requests before that`);
    expect(blocking, 'what must come before anything is painted').toEqual([]);
  });
}
