/**
 * What comes over the wire.
 *
 * Owns: the count of answers and their bytes. Never: judges one.
 */

/**
 * Counts the bytes of all answers, heads included, as they come over the wire.
 * @param {import('@playwright/test').Page} page
 * @param {{ keepsCache?: boolean }} [how] whether a visitor who was here before is counted
 */
export async function listen(page, { keepsCache = false } = {}) {
  const session = await page.context().newCDPSession(page);
  /** @type {Map<string, { url: string, bytes: number }>} */
  const parts = new Map();
  session.on('Network.responseReceived', ({ requestId, response }) => {
    parts.set(requestId, { url: response.url, bytes: response.encodedDataLength });
  });
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    const part = parts.get(requestId);
    if (part) part.bytes = encodedDataLength;
  });
  await session.send('Network.enable');
  await session.send('Network.setCacheDisabled', { cacheDisabled: !keepsCache });
  return () => [...parts.values()];
}
