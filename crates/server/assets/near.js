/**
 * The outlets nearest to a person, as a list and on a map drawn here.
 *
 * Owns: distances, and the drawing. Never: tells anybody where the person is: the position stays
 * in the page.
 * On failure: says why, and the list of districts is there as before.
 */

import { notice } from "./notice.js";
import { text } from "./texts.js";

/** Outlets that are listed. */
const SHOWN = 8;
/** For the phone to find out where it is, in milliseconds. */
const PATIENCE = 15_000;
/** Metres of a degree of latitude; the Earth as a ball of 6,371 km. */
const DEGREE = 111_195;
/** Half the side of the map, in its own units. */
const HALF = 160;
const SVG = "http://www.w3.org/2000/svg";

/**
 * @typedef {Record<string, string>} Local
 * @typedef {{code: string, name: Local, district: Local, address: Local,
 *   position?: [number, number]}} Outlet
 * @typedef {{languages: string[], outlets: Outlet[], pools: [number, number, number][]}} Campaign
 * @typedef {{outlet: Outlet, place: number, east: number, north: number, metres: number}} Near
 */

/**
 * Shows the nearest outlets below the button.
 *
 * @param {string} campaign
 * @param {HTMLButtonElement} button
 * @param {() => string | undefined} stock the marks of the last status, if there are any
 */
export async function nearest(campaign, button, stock) {
  const place = /** @type {HTMLElement} */ (button.parentElement);
  const say = notice(place);
  button.disabled = true;
  say(text("near-asking"));
  const found = await Promise.all([position(), outlets(campaign)]).catch(why);
  button.disabled = false;
  if (typeof found === "string") {
    say(found);
    return;
  }
  const [here, known] = found;
  const near = sorted(known, here);
  say(near.length === 0 ? text("near-none") : "");
  place.querySelector(".near")?.remove();
  if (near.length > 0) {
    place.append(drawn(campaign, known, near, stock()));
  }
}

/**
 * What kept the outlets from being found, in words: the phone, or the line.
 *
 * @param {unknown} error
 */
function why(error) {
  const isDenied = error instanceof GeolocationPositionError && error.code === 1;
  return isDenied ? text("near-denied") : text("near-lost");
}

/** @returns {Promise<GeolocationCoordinates>} */
function position() {
  return new Promise((found, lost) => {
    const options = { timeout: PATIENCE, maximumAge: 60_000 };
    navigator.geolocation.getCurrentPosition(({ coords }) => found(coords), lost, options);
  });
}

/**
 * @param {string} campaign
 * @returns {Promise<Campaign>}
 */
async function outlets(campaign) {
  const answer = await fetch(`/v1/campaigns/${campaign}`);
  if (!answer.ok) {
    throw new Error(`the campaign's document: ${answer.status}`);
  }
  return answer.json();
}

/**
 * The nearest ones that offer anything, the nearest first.
 *
 * @param {Campaign} campaign
 * @param {GeolocationCoordinates} here
 * @returns {Near[]}
 */
function sorted(campaign, here) {
  const offering = new Set(campaign.pools.map(([outlet]) => outlet));
  const shrink = Math.cos((here.latitude * Math.PI) / 180);
  return campaign.outlets
    .flatMap((outlet, place) => {
      if (!outlet.position || !offering.has(place)) {
        return [];
      }
      const north = (outlet.position[0] - here.latitude) * DEGREE;
      const east = (outlet.position[1] - here.longitude) * DEGREE * shrink;
      return [{ outlet, place, east, north, metres: Math.hypot(east, north) }];
    })
    .sort((one, other) => one.metres - other.metres)
    .slice(0, SHOWN);
}

/**
 * @param {string} code
 * @param {Campaign} campaign
 * @param {Near[]} near
 * @param {string | undefined} stock
 */
function drawn(code, campaign, near, stock) {
  const whole = document.createElement("div");
  whole.className = "near";
  const list = document.createElement("ol");
  for (const { outlet, place, metres } of near) {
    const mark = stock && best(campaign, place, stock);
    const line = document.createElement("li");
    const link = document.createElement("a");
    const query = new URLSearchParams(location.search);
    query.delete("district");
    query.set("outlet1", outlet.code);
    link.href = `/c/${code}?${query}`;
    link.textContent = local(campaign, outlet.name);
    const about = document.createElement("span");
    const words = [local(campaign, outlet.address), far(metres), mark && text(`stock-${mark}`)];
    about.textContent = words.filter(Boolean).join(" · ");
    line.append(link, about);
    line.dataset.mark = mark ?? "";
    list.append(line);
  }
  whole.append(map(near), list);
  return whole;
}

/**
 * The best mark of an outlet's pools.
 *
 * @param {Campaign} campaign
 * @param {number} place
 * @param {string} stock
 */
function best(campaign, place, stock) {
  const marks = campaign.pools.flatMap(([outlet], pool) => (outlet === place ? stock[pool] : []));
  return ["p", "f", "n"].find((mark) => marks.includes(mark)) ?? "n";
}

/** @param {number} metres */
function far(metres) {
  const [unit, number] =
    metres < 950 ? ["meter", Math.round(metres / 50) * 50 || 50] : ["kilometer", metres / 1000];
  const format = new Intl.NumberFormat(document.documentElement.lang, {
    style: "unit",
    unit,
    maximumFractionDigits: metres < 9_500 ? 1 : 0,
  });
  return format.format(number);
}

/**
 * North is up; the person is in the middle, in rings of round distances.
 *
 * @param {Near[]} near
 */
function map(near) {
  const farthest = near[near.length - 1].metres;
  const ring = round(farthest / 2);
  const scale = (HALF * 0.88) / Math.max(farthest, ring);
  const svg = element("svg", { viewBox: `${-HALF} ${-HALF} ${2 * HALF} ${2 * HALF}`, class: "map" });
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", text("near-map", { ring: far(ring) }));
  for (const times of [1, 2]) {
    const radius = ring * times * scale;
    svg.append(element("circle", { r: radius, class: "ring" }));
    const label = element("text", { y: -radius - 3, class: "scale" });
    label.textContent = far(ring * times);
    svg.append(label);
  }
  svg.append(element("circle", { r: 6, class: "here" }));
  near.forEach(({ east, north }, place) => {
    const at = { transform: `translate(${east * scale} ${-north * scale})` };
    const pin = element("g", { class: "pin", ...at });
    const number = element("text", { y: 4.5 });
    number.textContent = String(place + 1);
    pin.append(element("circle", { r: 12 }), number);
    svg.append(pin);
  });
  return svg;
}

/**
 * The next lower of 1, 2, 5, 10, … times 50 metres.
 *
 * @param {number} metres
 */
function round(metres) {
  const ten = 10 ** Math.floor(Math.log10(Math.max(metres, 50)));
  return [5, 2, 1].map((times) => times * ten).find((even) => even <= metres) ?? 50;
}

/**
 * @param {string} name
 * @param {Record<string, string | number>} attributes
 */
function element(name, attributes) {
  const element = document.createElementNS(SVG, name);
  Object.entries(attributes).forEach(([key, value]) => element.setAttribute(key, String(value)));
  return element;
}

/**
 * @param {Campaign} campaign
 * @param {Local} words
 */
function local(campaign, words) {
  const main = (/** @type {string} */ tag) => tag.toLowerCase().split(/[-_]/)[0];
  const mine = Object.keys(words).find((tag) => main(tag) === main(document.documentElement.lang));
  return words[mine ?? campaign.languages[0]] ?? Object.values(words)[0] ?? "";
}
