/**
 * Keeps what was typed into a form of the console until it is done: a session that ends meanwhile
 * takes nothing away.
 *
 * Owns: what this tab remembers of forms marked `data-keep`, and of the page to go on with after
 * the log-in; that no page is shown as it once was. Never: remembers a password, a file, what is
 * marked `data-secret`, or the code that makes sure of a switch.
 * On failure: where nothing may be remembered, nothing is.
 */

const KEPT = 'tidegate-kept:';
const NEXT = 'tidegate-next';
const TYPES = ['text', 'datetime-local', 'textarea'];

/** @param {(kept: Storage) => void} work */
const remember = (work) => {
  try {
    work(window.sessionStorage);
  } catch {
    // The browser lets no page remember anything.
  }
};

/** @param {Element} field @returns {field is HTMLInputElement | HTMLTextAreaElement} */
const isKept = (field) =>
  (field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement) &&
  TYPES.includes(field.type) &&
  field.name !== 'code' &&
  !('secret' in field.dataset);

/** @param {HTMLFormElement} form */
const fields = (form) => [...form.elements].filter(isKept);

const forget = () =>
  remember((kept) => {
    for (const key of Object.keys(kept)) {
      if (key.startsWith(KEPT) || key === NEXT) kept.removeItem(key);
    }
  });

/** @param {HTMLFormElement} form */
function keep(form) {
  const page = window.location.pathname;
  // By where the form is sent to: the same switch stands on a page of its own, too.
  const sent = new URL(form.action).pathname;
  const key = (/** @type {{ name: string }} */ field) => `${KEPT}${sent}:${field.name}`;
  const save = () =>
    remember((kept) => {
      for (const field of fields(form)) kept.setItem(key(field), field.value);
    });
  remember((kept) => {
    for (const field of fields(form)) {
      if (field.value === field.defaultValue) field.value = kept.getItem(key(field)) ?? field.value;
    }
  });
  form.addEventListener('input', save);
  form.addEventListener('submit', () => {
    save();
    remember((kept) => kept.setItem(NEXT, page));
  });
}

// A page that comes back from the browser's memory has forms that may have been answered, a stream
// that ended long ago, and perhaps no session. It is asked for by its address, and not reloaded: it
// may be the answer to a form, which would be sent once more.
window.addEventListener('pageshow', (event) => {
  const { pathname, search } = window.location;
  if (event.persisted) window.location.replace(pathname + search);
});

const next = document.querySelector('input[name=next]');
if (next instanceof HTMLInputElement) {
  // Here one logs in, to go on with the form that was being sent.
  remember((kept) => {
    if (next.value === '') next.value = kept.getItem(NEXT) ?? '';
  });
} else {
  remember((kept) => kept.removeItem(NEXT));
  if (document.querySelector('[data-undone]')) {
    // Read once; the page loaded again need not say it again.
    window.history.replaceState(null, '', window.location.pathname);
  }
  if (document.querySelector('[data-is-done]')) forget();
  for (const form of document.querySelectorAll('form[data-keep]')) {
    if (form instanceof HTMLFormElement) keep(form);
  }
  for (const form of document.querySelectorAll('form[data-leave]')) {
    form.addEventListener('submit', forget);
  }
}
