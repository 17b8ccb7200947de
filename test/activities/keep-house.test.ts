import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { createKeepHouseActivities } from '../../activities/keep-house.js'
import type { OpenDatabase } from '../../db/database.js'
import { claimIdempotencyKey } from '../../db/idempotency.js'
import { recordEnd, removeRun } from '../../db/run-progress.js'
import type { CleanUp } from '../../services/housekeeping/clean-up.js'
import { productSubjects } from '../../commands/processes/subjects.js'
import type { KeepHouseResult } from '../../workflow-definitions.js'
import { openTestDatabase } from '../support/database.js'
import {
  insertTestClassification,
  newActivityEnvironment,
} from '../services/email-classification/test-classification.js'

const minuteMs = 60_000
const dayMs = 24 * 60 * minuteMs
const nobody = {
  account_id: null,
  caller: null,
  subject: null,
  address_hash: null,
  request_id: null,
}

describe('keepHouse', () => {
  let database: OpenDatabase
  const workflowsBefore: Date[] = []

  beforeEach(async () => {
    database = await openTestDatabase()
  })

  const ofProduct = productSubjects.flatMap((subject) => subject.cleanUps)
  const keepHouse = async (cleanUps = ofProduct) => {
    const activities = createKeepHouseActivities({
      db: database.db,
      cleanUps,
      housekeeping: { keepJobsDays: 30 },
      clearWorkflows: (before) => Promise.resolve(void workflowsBefore.push(before)),
    })
    return await newActivityEnvironment().run<[], KeepHouseResult, () => Promise<KeepHouseResult>>(
      () => activities.keepHouse(),
    )
  }

  it('clears keys, removed runs and counters that have expired, and only those', async () => {
    const { db } = database
    for (const [keyHash, ageMs] of [
      ['old', dayMs + minuteMs],
      ['young', dayMs - minuteMs],
    ] as const) {
      await db
        .transaction()
        .execute((trx) =>
          claimIdempotencyKey(
            trx,
            { scope: 's', keyHash, bodyHash: 'b' },
            { kind: 'thing', id: randomUUID() },
          ),
        )
      const created_at = new Date(Date.now() - ageMs)
      await db
        .updateTable('idempotency_keys')
        .set({ created_at })
        .where('key_hash', '=', keyHash)
        .execute()
      const id = await insertTestClassification(db, keyHash)
      await db.transaction().execute((trx) => removeRun(trx, id))
      await db.updateTable('runs').set({ removed_at: created_at }).where('id', '=', id).execute()
      const expire = Date.now() + (keyHash === 'old' ? -1_000 : minuteMs)
      await db.insertInto('rate_limits').values({ key: keyHash, points: 1, expire }).execute()
    }
    const { cleared } = await keepHouse()
    assert.deepEqual(cleared, {
      'idempotency keys': 1,
      'removed runs': 1,
      'ended runs': 0,
      limits: 1,
      'audit entries': 0,
    })
    const left = await db.selectFrom('idempotency_keys').select('key_hash').execute()
    assert.deepEqual(left, [{ key_hash: 'young' }])
    assert.deepEqual(await db.selectFrom('rate_limits').select('key').execute(), [{ key: 'young' }])
    assert.equal((await db.selectFrom('runs').select('id').execute()).length, 1)
  })

  it('goes on where one clean-up fails, and then says so', async () => {
    const run: string[] = []
    const cleanUp = (name: string, error?: Error): CleanUp => ({
      name,
      run: () => (run.push(name), error ? Promise.reject(error) : Promise.resolve(0)),
    })
    const keeping = keepHouse([cleanUp('a'), cleanUp('b', new Error('no table')), cleanUp('c')])
    await assert.rejects(keeping, /no table/)
    assert.deepEqual(run, ['a', 'b', 'c'])
  })

  it('keeps what ended for as long as is set, and what is open for ever', async () => {
    const { db } = database
    const insertAged = async (days: number, ends: boolean) => {
      const id = await insertTestClassification(db, 'Bom dia')
      if (ends) await recordEnd(db, id, { status: 'completed' })
      const at = new Date(Date.now() - days * dayMs)
      await db
        .updateTable('runs')
        .set({ created_at: at, ...(ends ? { ended_at: at } : {}) })
        .where('id', '=', id)
        .execute()
      return id
    }
    await insertAged(31, true)
    const kept = [await insertAged(29, true), await insertAged(31, false)]
    assert.equal((await keepHouse()).cleared['ended runs'], 1)
    const workflowsKeptMs = Date.now() - (workflowsBefore.at(-1)?.getTime() ?? 0)
    assert.ok(workflowsKeptMs >= 3_600_000 && workflowsKeptMs < 3_700_000)
    for (const table of ['runs', 'classifications'] as const) {
      const rows = await db.selectFrom(table).select('id').execute()
      assert.deepEqual(rows.map(({ id }) => id).sort(), kept.toSorted())
    }
  })

  it('keeps what happened at the door for 180 days', async () => {
    const { db } = database
    for (const days of [181, 179]) {
      const at = new Date(Date.now() - days * dayMs)
      await db
        .insertInto('audit')
        .values({ action: 'access', outcome: `${days} days ago`, at, ...nobody })
        .execute()
    }
    await keepHouse()
    const left = await db.selectFrom('audit').select('outcome').execute()
    assert.deepEqual(left, [{ outcome: '179 days ago' }])
  })
})
