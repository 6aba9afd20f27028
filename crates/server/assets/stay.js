/**
 * Keeps the session of a live page awake while somebody is there.
 *
 * Owns: the signs that somebody is, and what is asked for because of them. Never: lengthens a shift
 * beyond what the server allows; keeps a page awake that nobody can see.
 * On failure: asks again at the next look; the page says in time when its session ends.
 */

/** Milliseconds between two times that the server is told: fewer than it warns ahead of an end. */
const TOLD_EVERY = 4 * 60_000;
/** Milliseconds between two looks. */
const LOOK_EVERY = 30_000;
const SIGNS = ['pointermove', 'pointerdown', 'touchmove', 'wheel', 'keydown'];

/**
 * Whoever may change something stays while they touch the page: a desk that was left must not stay
 * open to whoever comes along. Whoever can only look may stay while the page is in sight.
 * @param {boolean} mayOnlyLook
 */
export function stay(mayOnlyLook) {
  let isTouched = false;
  let told = performance.now();
  const touch = () => {
    isTouched = true;
  };
  for (const sign of SIGNS) window.addEventListener(sign, touch, { passive: true });
  const look = () => {
    const isThere = document.visibilityState === 'visible' && (mayOnlyLook || isTouched);
    if (!isThere || performance.now() < told + TOLD_EVERY) return;
    isTouched = false;
    told = performance.now();
    fetch('/console/stay', { redirect: 'manual' }).catch(() => {
      isTouched = true;
      told = -TOLD_EVERY;
    });
  };
  window.setInterval(look, LOOK_EVERY);
}
