/**
 * People who do not exist, with numbers that are well-formed.
 *
 * Owns: that nobody is made up twice in one process, and what is personal about them all.
 */

/** GB 11643: the weight of each digit, and the check character of each remainder. */
const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECK_CHARACTERS = '10X98765432';
const SURNAMES = '王李张刘陈杨赵黄周吴';

/** @typedef {{ name: string, id_number: string, phone: string }} Person */

/** @type {Person[]} */
const everybody = [];

/**
 * Somebody new.
 * @param {Partial<Person>} [differently]
 * @returns {Person}
 */
export function somebody(differently = {}) {
  const number = everybody.length + 1;
  const person = {
    name: `${SURNAMES[number % SURNAMES.length]}潮生${number}`,
    id_number: idNumber(number),
    phone: `138${String(number * 7919 + 10_000_000).slice(-8)}`,
    ...differently,
  };
  everybody.push(person);
  return person;
}

/**
 * Those of some addresses that tell something personal of anybody made up so far.
 * @param {string[]} addresses
 */
export function personalIn(addresses) {
  const personal = everybody.flatMap((person) => Object.values(person));
  return addresses.map(plain).filter((read) => personal.some((word) => read.includes(word)));
}

/**
 * An address as people read it, also one that is not well-formed.
 * @param {string} address
 */
function plain(address) {
  try {
    return decodeURIComponent(address.replaceAll('+', ' '));
  } catch {
    return address;
  }
}

/** @param {number} number */
function idNumber(number) {
  const born = `19${String(60 + (number % 40)).padStart(2, '0')}0307`;
  const digits = `110101${born}${String(number % 1000).padStart(3, '0')}`;
  const weighted = WEIGHTS.map((weight, place) => weight * Number(digits[place]));
  return digits + CHECK_CHARACTERS[weighted.reduce((sum, next) => sum + next) % 11];
}
