/** The types that comments of our scripts state, held to by the compiler: here, and of the pages. */

import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from '@playwright/test';

const HERE = fileURLToPath(new URL('..', import.meta.url));
const ASSETS = ['server/assets', 'drawpage/page'].map(
  (folder) => new URL(`../../crates/${folder}/`, import.meta.url),
);

test('types of the tests', async () => {
  expect(await complaints('tsconfig.json')).toBe('');
});

test('types of the scripts of the pages', async ({}, testInfo) => {
  const folders = await Promise.all(ASSETS.map((folder) => readdir(folder)));
  const scripts = folders.flat().filter((name) => name.endsWith('.js'));
  test.skip(scripts.length === 0, 'the pages have no script');
  testInfo.annotations.push({ type: 'note', description: scripts.join(', ') });
  expect(await complaints('tsconfig.assets.json')).toBe('');
});

/**
 * What the compiler says of a project; nothing when all is well.
 * @param {string} project
 */
async function complaints(project) {
  const compiler = fileURLToPath(new URL('../node_modules/typescript/bin/tsc', import.meta.url));
  try {
    await promisify(execFile)(process.execPath, [compiler, '--project', project], { cwd: HERE });
    return '';
  } catch (error) {
    const { stdout, message } = /** @type {Error & { stdout?: string }} */ (error);
    return stdout || message;
  }
}
