import { closeTestDatabase } from './database.js'
import { closeTemporal } from './temporal.js'

/** Mocha's own types leave it out: the first try of a test that is tried again. */
type Retried = Mocha.Test & { retriedTest(): Mocha.Test | undefined }

/** What tests share is opened by the first that asks and closed at the end. */
export const mochaHooks = {
  /** Integration tests alone have a second try (.ci/mocha-config.mjs). It is never silent. */
  afterEach(this: Mocha.Context): void {
    const test = this.currentTest as Retried | undefined
    if (test?.retriedTest() !== undefined)
      process.stdout.write(`    Needed a second try: ${test.fullTitle()}\n`)
  },
  async afterAll(this: Mocha.Context): Promise<void> {
    this.timeout(30_000)
    await closeTemporal()
    await closeTestDatabase()
  },
}
