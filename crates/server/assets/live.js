/**
 * Brings news to a page of the console.
 *
 * Owns: the stream of a page, and the places that it fills. Never: builds markup of its own; what
 * it puts into a place is a part that the server of this page has made.
 * On failure: says that the numbers stand still; the browser tries again by itself. When the
 * session is over, it says so and leads to the log-in page.
 */

/** @param {string} name @returns {HTMLElement | null} */
const find = (name) => document.querySelector(`[data-live-${name}]`);

/** @param {HTMLElement | null} element @param {boolean} isShown */
const show = (element, isShown) => {
  if (element) element.hidden = !isShown;
};

/** @param {HTMLElement} root */
function watch(root) {
  const state = find('state');
  /** @param {'liveWord' | 'stale' | 'over'} word */
  const say = (word) => {
    const text = state?.dataset[word] ?? '';
    if (!state || state.textContent === text) return;
    state.textContent = text;
    state.className = `live ${word}`;
  };
  const source = new EventSource(root.dataset.live ?? '');
  source.addEventListener('open', () => say('liveWord'));
  source.addEventListener('error', () => say('stale'));
  source.addEventListener('soon', (event) => show(find('soon'), event.data === '1'));
  source.addEventListener('over', () => {
    source.close();
    say('over');
    show(find('soon'), false);
    show(find('over'), true);
  });
  for (const place of root.querySelectorAll('[data-part]')) {
    if (!(place instanceof HTMLElement)) continue;
    source.addEventListener(place.dataset.part ?? '', (event) => {
      // A link or a selection that somebody is at stays as it is.
      if (!place.contains(document.activeElement) || place === document.activeElement) {
        place.innerHTML = event.data;
      }
    });
  }
  // A page that comes back from the browser's memory has a stream that ended long ago.
  window.addEventListener('pageshow', (event) => {
    if (event.persisted) window.location.reload();
  });
  window.addEventListener('pagehide', () => source.close());
}

for (const root of document.querySelectorAll('[data-live]')) {
  if (root instanceof HTMLElement) watch(root);
}
