/**
 * The fields of a form: checked when left, kept while the tab lives, remembered if asked for.
 *
 * Owns: what is typed, in the tab's storage; who somebody is, in the device's, if they said so.
 * Never: refuses what the server would take: it shows the server's own sentence, and the server
 * decides. Never keeps anything of a person who did not ask for it beyond the tab.
 */

import { text } from "./texts.js";

const DRAFT = "tidegate.draft";
const PERSON = "tidegate.person";

/** What the server surely refuses in a field of a kind: its sentence's name, else nothing. */
/** @type {Record<string, (value: string) => string>} */
const CHECKS = {
  "resident-id": wrongResidentId,
  "phone-CN": wrongPhone,
  "home-return-permit": (value) =>
    /^[HM]\d{8}(\d{2})?$/.test(folded(value)) ? "" : "home-return-permit",
};

/**
 * Makes the fields of a form helpful.
 *
 * @param {HTMLFormElement} form
 */
export function help(form) {
  const campaign = form.dataset.draft ?? "";
  const fields = inputs(form);
  fill(fields, read("sessionStorage", `${DRAFT}.${campaign}`));
  for (const field of fields) {
    field.addEventListener("input", () => {
      keepDraft(campaign, fields);
      // A field that was found wrong is told to be right as soon as it is.
      if (field.getAttribute("aria-invalid") === "true") {
        check(field);
      }
    });
    field.addEventListener("change", async () => {
      // A sentence that appears moves the button away from under the finger that is on it.
      await released();
      check(field);
    });
  }
  const person = /** @type {HTMLElement | null} */ (form.querySelector("[data-person]"));
  if (person) {
    offerMemory(form, person, fields);
  }
}

/**
 * Nothing typed is left behind: for the next person on the same phone.
 *
 * @param {string} campaign
 */
export function forgetDraft(campaign) {
  write("sessionStorage", `${DRAFT}.${campaign}`, undefined);
}

/**
 * Keeps who this is for the next time, if the box is ticked.
 *
 * @param {FormData} sent
 */
export function remember(sent) {
  if (sent.get("remember") === "yes") {
    const person = [...sent]
      .filter(([name]) => name.startsWith("f."))
      .map(([name, value]) => [name, String(value)]);
    write("localStorage", PERSON, Object.fromEntries(person));
  }
}

/**
 * @param {HTMLFormElement} form
 * @returns {HTMLInputElement[]}
 */
function inputs(form) {
  return [...form.querySelectorAll("input")].filter(
    (input) => input.name.startsWith("f.") && input.type !== "hidden",
  );
}

/**
 * @param {HTMLFormElement} form
 * @param {HTMLElement} place
 * @param {HTMLInputElement[]} fields
 */
function offerMemory(form, place, fields) {
  place.hidden = false;
  const box = /** @type {HTMLInputElement} */ (place.querySelector("input"));
  const forget = /** @type {HTMLButtonElement} */ (place.querySelector("button"));
  const known = read("localStorage", PERSON);
  // Once somebody has said so or not, that counts, and not what was said before them.
  const wasAsked = place.dataset.person !== "";
  box.checked = wasAsked ? box.checked : known !== undefined;
  forget.hidden = known === undefined;
  if (known && !wasAsked && !new URLSearchParams(location.search).has("again")) {
    fill(fields, known);
  }
  forget.addEventListener("click", () => {
    write("localStorage", PERSON, undefined);
    forgetDraft(form.dataset.draft ?? "");
    fields.forEach((field) => {
      field.value = "";
      show(field, "");
    });
    box.checked = false;
    forget.hidden = true;
    fields[0]?.focus();
  });
}

/**
 * Only what is still empty: what the server sent back is what was typed last.
 *
 * @param {HTMLInputElement[]} fields
 * @param {Record<string, string> | undefined} values
 */
function fill(fields, values) {
  for (const field of fields) {
    field.value ||= values?.[field.name] ?? "";
  }
}

/**
 * @param {string} campaign
 * @param {HTMLInputElement[]} fields
 */
function keepDraft(campaign, fields) {
  const values = fields.map((field) => [field.name, field.value]);
  write("sessionStorage", `${DRAFT}.${campaign}`, Object.fromEntries(values));
}

let isPressed = false;
addEventListener("pointerdown", () => (isPressed = true), true);
addEventListener("pointerup", () => (isPressed = false), true);
addEventListener("pointercancel", () => (isPressed = false), true);

/** Comes once no finger is down any more, and the tap that it made was heard. */
function released() {
  return new Promise((done) => {
    const later = () => setTimeout(done);
    if (isPressed) {
      addEventListener("pointerup", later, { once: true });
      addEventListener("pointercancel", later, { once: true });
    } else {
      later();
    }
  });
}

/** @param {HTMLInputElement} field */
function check(field) {
  const kind = field.dataset.kind ?? "";
  const wrong = field.value.trim() === "" ? "" : (CHECKS[kind]?.(field.value) ?? "");
  show(field, wrong && text(`wrong-${wrong}`));
}

/**
 * Shows a sentence above a field, or takes it away.
 *
 * @param {HTMLInputElement} field
 * @param {string} sentence
 */
function show(field, sentence) {
  const id = `${field.id}-error`;
  let error = document.getElementById(id);
  if (!error && sentence) {
    error = document.createElement("p");
    error.id = id;
    error.className = "error";
    field.before(error);
  }
  if (error) {
    error.textContent = sentence;
    error.hidden = !sentence;
  }
  field.parentElement?.classList.toggle("wrong", sentence !== "");
  if (!sentence) {
    field.removeAttribute("aria-invalid");
    return;
  }
  field.setAttribute("aria-invalid", "true");
  const described = new Set((field.getAttribute("aria-describedby") ?? "").split(" "));
  described.add(id).delete("");
  field.setAttribute("aria-describedby", [...described].join(" "));
}

/**
 * One spelling for numbers, as the server reads them: full-width forms are their plain twins;
 * spaces, hyphens and what comes along unseen when a number is copied are left out.
 *
 * @param {string} value
 */
function folded(value) {
  return value
    .replace(/[\uff01-\uff5e]/g, (wide) => String.fromCharCode(wide.charCodeAt(0) - 0xfee0))
    .replace(/[-\s\x85\xad\u2010-\u2015\u2212\u200b-\u200f\u202a-\u202e\u2060]/g, "")
    .toUpperCase();
}

/**
 * Letters, or a mobile number that is too short or too long. All else may be a landline or a
 * number from abroad, which the server knows and this does not.
 *
 * @param {string} value
 */
function wrongPhone(value) {
  const number = folded(value).replace(/[().]/g, "");
  const mobile = /^(?:\+86|0086|86)?(1[3-9]\d*)$/.exec(number)?.[1];
  // 160 and 168 begin shorter numbers, too; after 179 stands the code of a carrier.
  const isJudged = mobile !== undefined && !/^1(?:60|68|79)/.test(mobile);
  const isWrong = /[A-Z]/.test(number) || (isJudged && mobile.length !== 11);
  return isWrong ? "phone-CN" : "";
}

/**
 * GB 11643: 17 digits, and a check character after ISO 7064, MOD 11-2.
 *
 * @param {string} value
 */
function wrongResidentId(value) {
  const id = folded(value);
  if (/^\d{15}$/.test(id)) {
    return "resident-id-old";
  }
  if (!/^\d{17}[\dX]$/.test(id)) {
    return "resident-id";
  }
  const sum = [...id.slice(0, 17)].reduce(
    (sum, digit, place) => sum + Number(digit) * (2 ** (17 - place) % 11),
    0,
  );
  return "10X98765432"[sum % 11] === id[17] ? "" : "resident-id";
}

/**
 * @param {"localStorage" | "sessionStorage"} storage
 * @param {string} key
 * @returns {Record<string, string> | undefined}
 */
function read(storage, key) {
  try {
    return JSON.parse(window[storage].getItem(key) ?? "null") ?? undefined;
  } catch {
    // A browser that keeps nothing, or something that is not ours.
    return undefined;
  }
}

/**
 * @param {"localStorage" | "sessionStorage"} storage
 * @param {string} key
 * @param {Record<string, string> | undefined} values none to remove them
 */
function write(storage, key, values) {
  try {
    if (values) {
      window[storage].setItem(key, JSON.stringify(values));
    } else {
      window[storage].removeItem(key);
    }
  } catch {
    // A browser that keeps nothing: then everything is typed again, as without this.
  }
}
