import { closeTestDatabase } from './database.js'
import { closeTemporal } from './temporal.js'

/** What tests share is opened by the first that asks and closed here. */
export const mochaHooks = {
  async afterAll(this: Mocha.Context): Promise<void> {
    this.timeout(30_000)
    await closeTemporal()
    await closeTestDatabase()
  },
}
