import assert from 'node:assert/strict'
import { connectToTemporal } from '../../../services/adapters/temporal-connection.js'
import { freePort } from '../../support/free-port.js'

describe('connectToTemporal', () => {
  it('keeps each call’s own deadline while others end, and none afterwards', async () => {
    const connection = connectToTemporal(`127.0.0.1:${await freePort()}`)
    const seen = () => connection.callContextStorage.getStore()?.deadline
    const first = connection.withDeadline(1_000, () => Promise.resolve(seen()))
    const second = connection.withDeadline(2_000, async () => [await first, seen()])
    assert.deepEqual(await second, [1_000, 2_000])
    assert.equal(seen(), undefined)
    assert.equal(await connection.withDeadline(3_000, () => Promise.resolve(seen())), 3_000)
    await connection.close()
  })
})
