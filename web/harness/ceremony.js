/**
 * Draws of campaigns in each of their states, and what operators and the hall read of them.
 *
 * Owns: the two secrets, the recorded round of the beacon, the words of the pages. Never: a step
 * in another way than the operator API or the pages take it.
 */

import { createHash } from 'node:crypto';
import { campaign, manyOutlets } from './campaigns.js';
import { Node } from './node.js';
import { somebody } from './people.js';

/** A recorded round of drand's quicknet: its time in Shanghai, and what it said. */
export const ROUND = 657413;
export const ROUND_AT = '2023-09-15T19:00:03';
export const BEACON =
  'b713718a38ae728dfd477991af2822e08d2f305e47718cef9f7848ce4050e7be' +
  '41076862b98fad56e91a6b85b89cd97b';
export const DEADLINE = '2023-09-15T20:00';
export const BALLS = '3 of 01-49, in the order drawn';
export const SECRETS = { operator: '3a'.repeat(32), notary: '4b'.repeat(32) };
const RULES = '人人可以登记，每人一份。\n';
const WHY = { reason: 'as announced' };

/**
 * What a holder published before the draw.
 * @param {string} code of the campaign
 * @param {'operator' | 'notary'} holder
 * @param {number} [no] of the draw whose name it has
 */
export function commitment(code, holder, no = 1) {
  const text = `tidegate/secret/v1:${code}/${no}:${holder}:${SECRETS[holder]}`;
  return createHash('sha256').update(text).digest('hex');
}

/** @typedef {'closed' | 'sealed' | 'opened' | 'seeded' | 'drawn' | 'published' | 'void'} Stage */

/** @type {Stage[]} */
export const STAGES = ['closed', 'sealed', 'opened', 'seeded', 'drawn', 'published', 'void'];

/** A node with a campaign whose draw is in each stage, and of a large city one that is published. */
export async function foundDraws() {
  const node = await Node.start();
  const draws = { draws: true, isHeldBack: true, units: 4 };
  for (const stage of STAGES) {
    const title = { zh: '潮门市口罩摇号', en: 'Chaomen City mask draw' };
    await node.load(campaign(stage, { ...draws, title }));
    await bring(node, stage, stage);
  }
  const title = { zh: '全市疫苗摇号（十二区三百网点）', en: 'The whole city, 300 outlets' };
  await node.load(campaign('city', { ...draws, title, outlets: manyOutlets(300, 12) }));
  await bring(node, 'city', 'published');
  await node.load(campaign('fresh', draws));
  await enter(node, 'fresh');
  return node;
}

/**
 * People enter, and registration ends.
 * @param {Node} node
 * @param {string} code
 */
export async function enter(node, code) {
  const places = code === 'city' ? ['n1', 'n7', 'n30', 'n299'] : ['w1', 'w2', 't1', 't2'];
  const people = Array.from({ length: 24 }, () => somebody());
  const entered = people.map((person, at) =>
    node.enter(code, person, `${places[at % places.length]}/kn95/am`),
  );
  await Promise.all(entered);
  await node.act(code, 'close');
}

/**
 * Brings a campaign's draw to a stage, by the operator API.
 * @param {Node} node
 * @param {string} code
 * @param {Stage} stage
 */
async function bring(node, code, stage) {
  await enter(node, code);
  const draws = `campaigns/${code}/draws`;
  await node.operate(draws, WHY);
  const until = stage === 'void' ? 'opened' : stage;
  /** @type {[Stage, string, Record<string, unknown>][]} */
  const steps = [
    ['sealed', 'seal', sealing(code)],
    ['opened', 'open', opening()],
    ['seeded', 'seed', { beacon: BEACON }],
    ['drawn', 'run', {}],
  ];
  for (const [reached, step, body] of steps) {
    if (STAGES.indexOf(until) < STAGES.indexOf(reached)) break;
    await node.operate(`${draws}/1/${step}`, { ...body, ...WHY });
  }
  if (stage === 'published') await node.act(code, 'publish');
  if (stage === 'void') {
    const reason = `The hall lost its power before the round came: ${'witnesses left, '.repeat(9)}`;
    await node.operate(`${draws}/1/void`, { reason: `${reason.slice(0, 190)}and so on` });
  }
}

/** @param {string} code */
function sealing(code) {
  return {
    operator_commitment: commitment(code, 'operator'),
    notary_commitment: commitment(code, 'notary'),
    notary_tag_key: '05'.repeat(32),
    balls: BALLS,
    drand_round: ROUND,
    deadline: '2023-09-15T12:00:00Z',
    rules: RULES,
    rehearsal: true,
  };
}

function opening() {
  const { operator, notary } = SECRETS;
  return { operator_secret: operator, notary_secret: notary, balls: '08 41 17' };
}

const en = {
  draws: 'Draws',
  closeList: 'Close the list',
  next: 'Next',
  sealIt: 'Seal the draw',
  operatorCommitment: "Commitment of the operator's secret",
  notaryCommitment: "Commitment of the notary's secret",
  tagKey: "Notary's key for tags",
  ballsKind: /^Balls \(empty/,
  beaconAt: /^Beacon: time in/,
  rehearsal: /A rehearsal/,
  deadline: /^Deadline: time in/,
  rules: 'Rules',
  check: 'Check it',
  sealForGood: 'Seal for good',
  openThem: 'Open both secrets',
  operatorSecret: "Operator's secret",
  notarySecret: "Notary's secret",
  balls: 'Balls, in the order drawn',
  checkSecrets: 'Check the secrets',
  opens: /^✓ Opens its commitment/,
  opensNot: /^✗ Does not open its commitment/,
  record: 'Record and publish the opening',
  makeSeed: 'Make the seed',
  signature: `Signature of round ${ROUND}`,
  checkSignature: 'Check the signature',
  draw: 'Draw',
  drawNow: 'Draw now',
  publish: 'Publish the result',
  publishForGood: 'Publish for good',
  nothingMore: 'Nothing more is to be done.',
  hall: 'Hall view (for the projector)',
  sheet: 'Script to print',
  notOpened: 'Not opened yet',
  opened: '✓ Opened: it is what was committed to',
  winners: 'Winners by outlet',
  isSealed: /^The list is sealed/,
  isPublished: 'The result is published.',
};

/** @type {Record<import('./words.js').Language, { [word in keyof typeof en]: (typeof en)[word] }>} */
export const CEREMONY_WORDS = {
  en,
  zh: {
    draws: '摇号',
    closeList: '截止名单',
    next: '下一步',
    sealIt: '封存',
    operatorCommitment: '主办方秘密数的承诺值',
    notaryCommitment: '公证员秘密数的承诺值',
    tagKey: '公证员的标记密钥',
    ballsKind: /^摇球（留空/,
    beaconAt: /^信标时间/,
    rehearsal: /这是演练/,
    deadline: /^截止时间/,
    rules: '规则',
    check: '核对',
    sealForGood: '确认封存',
    openThem: '公开秘密数',
    operatorSecret: '主办方的秘密数',
    notarySecret: '公证员的秘密数',
    balls: '球号（按出球顺序）',
    checkSecrets: '核对秘密数',
    opens: /^✓ 与承诺值相符/,
    opensNot: /^✗ 与承诺值不符/,
    record: '记录开封并公开',
    makeSeed: '生成种子',
    signature: `第 ${ROUND} 轮的签名`,
    checkSignature: '核对签名',
    draw: '摇号',
    drawNow: '开始摇号',
    publish: '公布结果',
    publishForGood: '确认公布',
    nothingMore: '没有后续步骤。',
    hall: '现场大屏',
    sheet: '现场记录单（打印）',
    notOpened: '尚未开封',
    opened: '✓ 已开封，与承诺值相符',
    winners: '各网点中签登记数',
    isSealed: /^名单已封存/,
    isPublished: '结果已公布。',
  },
};
