/** How the tests of the pages run: Debian's Chromium, one node a worker, no test twice. */

import { existsSync } from 'node:fs';
import { defineConfig } from '@playwright/test';

/** The one without windows is lighter; the other one is what people have. */
const CHROMIUMS = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'];

export default defineConfig({
  testDir: 'tests',
  fullyParallel: true,
  workers: 2,
  // What passes only at the second try does not hold.
  retries: 0,
  // For a machine that carries much else: on an idle one the slowest takes ten seconds.
  timeout: 180_000,
  expect: { timeout: 30_000 },
  reporter: './harness/reporter.js',
  outputDir: '../target/pages/failed',
  use: {
    browserName: 'chromium',
    launchOptions: { executablePath: process.env.CHROMIUM ?? CHROMIUMS.find(existsSync) },
    screenshot: 'only-on-failure',
    timezoneId: 'Asia/Shanghai',
  },
});
