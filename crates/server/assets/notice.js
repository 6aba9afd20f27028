/**
 * What a page says while something goes on: seen, and read out.
 *
 * Owns: one line, at the end of what it belongs to. Never: moves the cursor.
 */

/**
 * A line below an element, told to whoever listens when it changes. Nothing is shown while it is
 * empty.
 *
 * @param {HTMLElement} element
 * @returns {(sentence: string, rest?: string) => void} `rest` is seen, but not read out: a number
 *   that changes each second would never end
 */
export function notice(element) {
  const line = document.createElement("p");
  line.className = "notice";
  const spoken = document.createElement("span");
  spoken.setAttribute("role", "status");
  const seen = document.createElement("span");
  seen.setAttribute("aria-hidden", "true");
  line.append(spoken, " ", seen);
  element.append(line);
  return (sentence, rest = "") => {
    line.classList.toggle("on", sentence !== "");
    if (spoken.textContent !== sentence) {
      spoken.textContent = sentence;
    }
    seen.textContent = rest;
  };
}
