/**
 * What a run says: a line for each test, its notes, why one failed, and the closing line that
 * `cargo xtask test` counts.
 */

/**
 * @typedef {import('@playwright/test/reporter').Reporter} ReporterInterface
 * @typedef {import('@playwright/test/reporter').TestCase} TestCase
 * @typedef {import('@playwright/test/reporter').TestResult} TestResult
 */

/** @implements {ReporterInterface} */
export default class Reporter {
  #passed = 0;
  #failed = 0;
  #skipped = 0;
  #began = Date.now();

  /** @param {import('@playwright/test/reporter').TestError} error */
  onError(error) {
    this.#failed += 1;
    console.log(error.stack ?? error.message ?? error.value);
  }

  /** @param {Buffer | string} said */
  onStdOut(said) {
    process.stdout.write(said);
  }

  /** @param {Buffer | string} said */
  onStdErr(said) {
    process.stdout.write(said);
  }

  /**
   * @param {TestCase} test
   * @param {TestResult} result
   */
  onTestEnd(test, result) {
    const [, , ...names] = test.titlePath();
    const isWell = result.status === test.expectedStatus;
    if (result.status === 'skipped') this.#skipped += 1;
    else if (isWell) this.#passed += 1;
    else this.#failed += 1;
    const word = result.status === 'skipped' ? 'left out' : isWell ? 'ok' : 'FAILED';
    const seconds = (result.duration / 1000).toFixed(1);
    console.log(`test ${names.join(' > ')} ... ${word} (${seconds} s)`);
    for (const { type, description } of result.annotations) {
      if (description) console.log(`  ${type}: ${description}`);
    }
    if (!isWell && result.status === 'passed') {
      console.log('  it was known to fail, and passes: take its `test.fail` away');
    }
    for (const error of isWell ? [] : result.errors) console.log(error.stack ?? error.message);
    for (const { name, body, path } of isWell ? [] : result.attachments) {
      console.log(`  ${name}: ${path ?? body?.toString()}`);
    }
  }

  onEnd() {
    const seconds = ((Date.now() - this.#began) / 1000).toFixed(1);
    const verdict = this.#failed === 0 ? 'ok' : 'FAILED';
    console.log(
      `test result: ${verdict}. ${this.#passed} passed; ${this.#failed} failed; ` +
        `${this.#skipped} ignored; finished in ${seconds}s`,
    );
  }

  printsToStdio() {
    return true;
  }
}
