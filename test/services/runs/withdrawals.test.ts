import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import type { OpenDatabase } from '../../../db/database.js'
import { claimIdempotencyKey } from '../../../db/idempotency.js'
import { createWithdrawals, type Withdrawals } from '../../../services/runs/withdrawals.js'
import { countRows } from '../../api/support/count-rows.js'
import { openTestDatabase } from '../../support/database.js'
import { waitUntil } from '../../support/wait-until.js'

describe('withdrawals', () => {
  let database: OpenDatabase
  let withdrawals: Withdrawals
  beforeEach(async () => {
    database = await openTestDatabase()
    withdrawals = createWithdrawals({ db: database.db, retryMs: 5, settleMs: 60_000 })
  })
  afterEach(() => withdrawals.close())

  const idempotencyKey = { scope: 's', keyHash: 'k', bodyHash: 'b' }
  const insert = (id: string, status: 'pending' | 'running' = 'pending') =>
    database.db.insertInto('runs').values({ id, kind: 'classification', status }).execute()

  it('take back a row that is written after its caller was told that it is not', async () => {
    const id = randomUUID()
    withdrawals.add({ id, idempotencyKey })
    await database.db.transaction().execute(async (trx) => {
      await claimIdempotencyKey(trx, idempotencyKey, { kind: 'classification', id })
      await trx.insertInto('runs').values({ id, kind: 'classification' }).execute()
    })
    await waitUntil('it is gone', async () => (await countRows(database)).runs === 0)
    assert.deepEqual(await countRows(database), { runs: 0, keys: 0 })
  })

  it('leave alone what another caller was given, and what is at work', async () => {
    const [joined, begun, other] = [randomUUID(), randomUUID(), randomUUID()]
    await database.db
      .transaction()
      .execute((trx) =>
        claimIdempotencyKey(trx, idempotencyKey, { kind: 'classification', id: joined }),
      )
    await database.db.updateTable('idempotency_keys').set({ joined: true }).execute()
    await insert(joined)
    await insert(begun, 'running')
    await insert(other)
    withdrawals.add({ id: joined, idempotencyKey })
    withdrawals.add({ id: begun, idempotencyKey: undefined })
    withdrawals.add({ id: other, idempotencyKey: undefined })
    await waitUntil('the other is gone', async () => (await countRows(database)).runs === 2)
    const { rows } = await database.pool.query<{ id: string }>('select id from runs')
    assert.deepEqual(rows.map(({ id }) => id).sort(), [joined, begun].sort())
  })
})
