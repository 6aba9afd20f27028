/**
 * Campaign files for tests: written from a few choices, with texts as people would write them.
 *
 * Owns: the form of the file. Never: loads one.
 */

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** The zone of all campaigns, which knows no summer time. */
const ZONE = 'Asia/Shanghai';
const ZONE_AHEAD_MS = 8 * HOUR_MS;

/**
 * @typedef {{ zh: string, en: string }} Text
 * @typedef {{ code: string, name: Text, district: Text, address: Text }} Outlet
 * @typedef {object} Choices what a campaign may have of its own
 * @property {Text} [title]
 * @property {Text} [summary]
 * @property {Text} [pickup]
 * @property {Text} [notice]
 * @property {Text} [item]
 * @property {Text} [slot]
 * @property {Text} [label] of the field for the name
 * @property {Outlet[]} [outlets]
 * @property {number} [units] in each pool
 * @property {number} [opens] in milliseconds since 1970; an hour ago unless given
 * @property {number} [choicesMax]
 * @property {boolean} [isHeldBack]
 * @property {number} [cap]
 * @property {number} [more] slots besides the first two, and items but one
 * @property {number} [retrySeconds]
 * @property {number} [releasePercent]
 * @property {boolean} [isToday] whether the first slot is all of today
 * @property {boolean} [draws] whether lots decide, once for all
 * @property {number} [together] people who may enter as one, where lots decide
 */

/** @type {Outlet[]} */
const OUTLETS = [
  outlet('w1', '望潮区', 'Wangchao', '望潮药房（灯塔路店）', 'Wangchao Pharmacy', '灯塔路 1 号'),
  outlet('w2', '望潮区', 'Wangchao', '百草堂', 'Baicao Hall', '海堤路 20 号'),
  outlet('t1', '听澜区', 'Tinglan', '听澜药房', 'Tinglan Pharmacy', '听澜街 3 号'),
  outlet('t2', '听澜区', 'Tinglan', '康民大药房', 'Kangmin Pharmacy', '渔港东路 118 号'),
];

/** Where the first outlet is; each further one lies a hundredth of a degree south of the last. */
export const FIRST = { latitude: 21.42, longitude: 114.61 };

/** The only place of a campaign of the shape `shop`, as a choice. */
export const ONLY_PLACE = 'w1/kn95/am';

/**
 * A campaign: by default first come, open, results at once, four outlets, two items, two slots.
 * @param {string} code
 * @param {Choices} [choices]
 * @returns {import('./node.js').Campaign}
 */
export function campaign(code, choices = {}) {
  const now = Date.now();
  const opens = choices.opens ?? now - HOUR_MS;
  const closes = opens + 3 * HOUR_MS;
  const title = choices.title ?? { zh: '潮门市口罩预约', en: 'Chaomen City masks' };
  const summary = choices.summary ?? {
    zh: '潮门市居民每人可预约一份，每份 5 只。',
    en: 'One pack of five masks for each resident of Chaomen City.',
  };
  const pickup = choices.pickup ?? {
    zh: '请携带本人身份证和取货码，在所选时段到网点领取。',
    en: 'Come to the outlet in the slot you chose, with your ID and the pickup code.',
  };
  const slot = choices.slot ?? { zh: '上午', en: 'Morning' };
  const lines = [
    '[campaign]',
    `code = ${quoted(code)}`,
    `zone = ${quoted(ZONE)}`,
    'languages = ["zh-CN", "en"]',
    '[texts]',
    `title = ${text(title)}`,
    `summary = ${text(summary)}`,
    `pickup = ${text(pickup)}`,
    choices.notice ? `notice = ${text(choices.notice)}` : '',
    ...item('kn95', choices.item ?? { zh: 'KN95 口罩', en: 'KN95 respirator' }),
    ...(choices.isToday
      ? slotLines('am', slot, now, '00:00', '24:00')
      : slotLines('am', slot, closes + DAY_MS, '09:00', '12:00')),
    ...(isSmall(choices) ? [] : item('child', { zh: '儿童口罩', en: 'Child mask' })),
    ...(isSmall(choices)
      ? []
      : slotLines('pm', { zh: '下午', en: 'Afternoon' }, closes + DAY_MS, '14:00', '18:00')),
    ...further(choices).flatMap((number) => [
      ...(number === 0 ? [] : item(`i${number}`, { zh: `口罩 ${number}`, en: `Mask ${number}` })),
      ...slotLines(
        `s${number}`,
        { zh: '上午', en: 'Morning' },
        closes + (2 + number) * DAY_MS,
        '09:00',
        '12:00',
      ),
    ]),
    '[tables]',
    'outlets = "outlets.csv"',
    'stock = "stock.csv"',
    '[register]',
    `windows = [{ from = ${quoted(local(opens))}, until = ${quoted(local(closes))} }]`,
    `choices_max = ${choices.choicesMax ?? 1}`,
    choices.cap ? `cap = ${choices.cap}` : '',
    'reenter_after_cancel = false',
    ...field('name', 'text', choices.label ?? { zh: '姓名', en: 'Full name' }),
    ...field('id_number', 'resident-id', { zh: '身份证号码', en: 'ID number' }, 'unique = true'),
    ...field('phone', 'phone', { zh: '手机号码', en: 'Mobile phone' }, 'unique = true\nregion = "CN"'),
    '[pacing]',
    `retry_seconds = ${choices.retrySeconds ?? 1}`,
    `release_percent = ${choices.releasePercent ?? 100}`,
    'poll_seconds = 1',
    'jitter_seconds = 0',
    ...(choices.draws ? ['[allocate]', 'by = "draw"', 'accept_any = true'] : []),
    choices.together ? `group_max = ${choices.together}` : '',
    '[publish]',
    choices.isHeldBack ? 'when = "by-hand"' : 'when = "at-once"',
    choices.isHeldBack ? `expected = ${quoted(local(closes + HOUR_MS))}` : '',
  ];
  const outlets = choices.outlets ?? OUTLETS;
  const tables = { 'outlets.csv': outletsTable(outlets), 'stock.csv': stockTable(outlets, choices) };
  return { code, toml: `${lines.filter((line) => line !== '').join('\n')}\n`, tables };
}

/**
 * One outlet that offers one thing, so that there is a single step.
 * @param {string} code
 * @param {Choices} [choices]
 */
export function shop(code, choices = {}) {
  return campaign(code, { outlets: OUTLETS.slice(0, 1), ...choices });
}

/**
 * A real city: 400 outlets in 12 districts, each with five items in six slots.
 * @param {string} code
 */
export function largeCity(code) {
  return campaign(code, { outlets: manyOutlets(400, 12), more: 4 });
}

/** So many outlets that a district is asked for first. */
export function manyOutlets(outlets = 420, districts = 6) {
  const many = [];
  for (let number = 1; number <= outlets; number += 1) {
    const place = 1 + (number % districts);
    const names = [`第 ${number} 网点`, `Outlet ${number}`, `潮平路 ${number} 号`];
    many.push(outlet(`n${number}`, `第 ${place} 区`, `District ${place}`, ...names));
  }
  return many;
}

/**
 * @param {string} code
 * @param {string} district
 * @param {string} districtEnglish
 * @param {...string} names in Chinese and English, and the address
 * @returns {Outlet}
 */
export function outlet(code, district, districtEnglish, ...names) {
  const [zh = '', en = '', address = ''] = names;
  return {
    code,
    name: { zh, en },
    district: { zh: district, en: districtEnglish },
    address: { zh: address, en: address },
  };
}

/**
 * Numbers of what there is besides the usual.
 * @param {Choices} choices
 */
function further(choices) {
  return [...Array(choices.more ?? 0).keys()];
}

/** @param {Choices} choices */
function isSmall(choices) {
  return choices.outlets?.length === 1;
}

/** @param {Outlet[]} outlets */
function outletsTable(outlets) {
  const head = 'code,name,name.en,district,district.en,address,address.en,latitude,longitude';
  const rows = outlets.map(({ code, name, district, address }, index) => {
    const texts = [code, name.zh, name.en, district.zh, district.en, address.zh, address.en];
    return [...texts.map(cell), FIRST.latitude - index / 100, FIRST.longitude].join(',');
  });
  return [head, ...rows, ''].join('\n');
}

/**
 * @param {Outlet[]} outlets
 * @param {Choices} choices
 */
function stockTable(outlets, choices) {
  const more = further(choices);
  const items = ['kn95', 'child', ...more.slice(1).map((number) => `i${number}`)];
  const slots = ['am', 'pm', ...more.map((number) => `s${number}`)];
  const pools = isSmall(choices)
    ? ['kn95,am']
    : items.flatMap((item) => slots.map((slot) => `${item},${slot}`));
  const rows = outlets.flatMap(({ code }) =>
    pools.map((pool) => `${code},${pool},${choices.units ?? 100_000}`),
  );
  return ['outlet,item,slot,units', ...rows, ''].join('\n');
}

/** @param {string} value */
function cell(value) {
  return `"${value.replaceAll('"', '""')}"`;
}

/**
 * @param {string} code
 * @param {Text} name
 */
function item(code, name) {
  return ['[[item]]', `code = ${quoted(code)}`, `name = ${text(name)}`];
}

/**
 * @param {string} code
 * @param {Text} name
 * @param {number} day any moment of it
 * @param {string} from
 * @param {string} until
 */
function slotLines(code, name, day, from, until) {
  const date = local(day).slice(0, 10);
  const times = [`date = ${date}`, `from = ${quoted(from)}`, `until = ${quoted(until)}`];
  return ['[[slot]]', `code = ${quoted(code)}`, `name = ${text(name)}`, ...times];
}

/**
 * @param {string} code
 * @param {string} kind
 * @param {Text} label
 * @param {string} [more]
 */
function field(code, kind, label, more = '') {
  const lines = [`code = ${quoted(code)}`, `kind = ${quoted(kind)}`, `label = ${text(label)}`];
  return ['[[register.field]]', ...lines, more];
}

/** @param {Text} value */
function text(value) {
  return `{ zh-CN = ${quoted(value.zh)}, en = ${quoted(value.en)} }`;
}

/**
 * A text as TOML reads it: JSON's escapes are among TOML's.
 * @param {string} value
 */
function quoted(value) {
  return JSON.stringify(value);
}

/**
 * A moment as the campaign's zone writes it.
 * @param {number} moment in milliseconds since 1970
 */
function local(moment) {
  return new Date(moment + ZONE_AHEAD_MS).toISOString().slice(0, 19).replace('T', ' ');
}
