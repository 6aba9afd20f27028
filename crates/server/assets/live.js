/**
 * Brings news to a page of the console.
 *
 * Owns: the stream of a page, and the places that it fills. Never: builds markup of its own; what
 * it puts into a place is a part that the server of this page has made.
 * On failure: says that the numbers stand still, and tries again for as long as the page is open.
 * When the session is over, it says so and leads to the log-in page.
 */

import { stay } from "./stay.js";

/** The server says something every few seconds; what is silent for so long is cut off. */
const SILENCE_MS_MAX = 15_000;
/** After a refusal, which the browser does not try again by itself. */
const AGAIN_MS = 2_000;

/** @param {string} name @returns {HTMLElement | null} */
const find = (name) => document.querySelector(`[data-live-${name}]`);

/** @param {HTMLElement | null} element @param {boolean} isShown */
const show = (element, isShown) => {
  if (element) element.hidden = !isShown;
};

/** @param {HTMLElement} root */
function watch(root) {
  const address = root.dataset.live ?? '';
  const state = find('state');
  let isLost = false;
  /** @type {EventSource | undefined} */
  let source;
  /** @type {number | undefined} */
  let silence;

  /** @param {'liveWord' | 'stale' | 'over' | 'lost'} word */
  const say = (word) => {
    root.classList.toggle('still', word !== 'liveWord');
    const text = state?.dataset[word] ?? '';
    if (!state || state.textContent === text) return;
    state.textContent = text;
    state.className = `live ${word}`;
  };
  const leave = () => {
    window.clearTimeout(silence);
    source?.close();
  };
  const heard = () => {
    window.clearTimeout(silence);
    silence = window.setTimeout(() => {
      lose();
      connect();
    }, SILENCE_MS_MAX);
  };
  const lose = () => {
    isLost = true;
    say('stale');
  };
  const end = () => {
    leave();
    say(isLost ? 'lost' : 'over');
    show(find('soon'), false);
    show(find('shift'), false);
    show(find('over'), true);
  };
  /** The browser gave up: because the session is over, or because the server is not ready yet. */
  const ask = async () => {
    const asked = new AbortController();
    const answer = await fetch(address, { signal: asked.signal }).catch(() => undefined);
    const { status } = answer ?? { status: 0 };
    asked.abort();
    if (status === 401) end();
    else window.setTimeout(connect, AGAIN_MS);
  };
  const connect = () => {
    leave();
    const stream = new EventSource(address);
    source = stream;
    heard();
    stream.addEventListener('open', () => {
      isLost = false;
      heard();
      say('liveWord');
    });
    stream.addEventListener('error', () => {
      lose();
      if (stream.readyState === EventSource.CLOSED) {
        leave();
        void ask();
      }
    });
    stream.addEventListener('beat', heard);
    stream.addEventListener('soon', (event) => {
      show(find('soon'), event.data === '1');
      show(find('shift'), event.data === '2');
    });
    stream.addEventListener('over', end);
    for (const place of root.querySelectorAll('[data-part]')) {
      if (!(place instanceof HTMLElement)) continue;
      stream.addEventListener(place.dataset.part ?? '', (event) => {
        heard();
        // A link or a selection that somebody is at stays as it is.
        if (!place.contains(document.activeElement) || place === document.activeElement) {
          place.innerHTML = event.data;
        }
      });
    }
  };
  connect();
  window.addEventListener('pagehide', leave);
  stay(state?.dataset.stay === 'in-sight');
}

for (const root of document.querySelectorAll('[data-live]')) {
  if (root instanceof HTMLElement) watch(root);
}
