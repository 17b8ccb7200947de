import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type OpenDatabase, openEmbeddedDatabase } from '../../db/database.js'
import { migrateToLatest } from '../../db/migrate.js'
import { recordProgress } from '../../db/run-progress.js'
import { findRunsForSockets } from '../../db/runs.js'
import { startUpkeep, type Upkeep, type UpkeepTask } from '../../db/upkeep.js'

const step = {
  kind: 'classification',
  status: 'running',
  step: 'classifying',
  progress: 50,
  done: null,
  total: null,
  epoch: 1,
  seq: 1,
} as const

describe('the upkeep of the embedded database', function () {
  this.timeout(120_000)
  let folder: string
  let database: OpenDatabase
  let upkeep: Upkeep
  let done: UpkeepTask[]

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'triagem-upkeep-'))
    database = await openEmbeddedDatabase(join(folder, 'postgres'))
    await migrateToLatest(database.db)
    done = []
    upkeep = startUpkeep({
      database,
      onDone: (task, seconds) => {
        assert.ok(seconds >= 0 && seconds < 60)
        done.push(task)
      },
      onError: assert.ifError,
      everyMs: 3_600_000,
    })
    await settle()
    done = []
  })
  afterEach(async () => {
    await upkeep.stop()
    await database.close()
    await rm(folder, { recursive: true, force: true })
  })

  /** As often as it finds something to do. */
  const settle = async () => {
    for (let before = -1; before !== done.length;) {
      before = done.length
      await upkeep.run()
    }
  }
  const insertRuns = async (count: number) => {
    await database.pool.query(
      `insert into runs (id, kind) select gen_random_uuid(), 'classification' from generate_series(1, $1)`,
      [count],
    )
  }
  const size = async (what: string) => {
    const { rows } = await database.pool.query<{ bytes: number }>(`select ${what} as bytes`)
    return Number(rows[0]?.bytes)
  }
  const logBytes = () => size('(select sum(size) from pg_ls_waldir())')

  it('does nothing where nothing was written', async () => {
    await upkeep.run()
    await upkeep.run()
    assert.deepEqual(done, [])
  })

  it('has rows found by their index however much a table grew since its first query', async () => {
    const { db, pool } = database
    const findAndUpdate = async () => {
      const id = randomUUID()
      await findRunsForSockets(db, [id])
      await recordProgress(db, [{ ...step, id }])
    }
    const readRows = async () => {
      await pool.query('select pg_stat_force_next_flush()')
      const { rows } = await pool.query<{ read: number }>(
        `select seq_tup_read::int as read from pg_stat_user_tables where relname = 'runs'`,
      )
      return rows[0]?.read ?? 0
    }
    await findAndUpdate()
    await insertRuns(5_000)
    await settle()
    const before = await readRows()
    for (let turn = 0; turn < 5; turn++) await findAndUpdate()
    assert.equal((await readRows()) - before, 0)
  })

  it('keeps the log small, however much is written', async () => {
    for (let round = 0; round < 8; round++) {
      await insertRuns(40_000)
      await upkeep.run()
    }
    assert.ok(done.includes('checkpoint'))
    const kept = await logBytes()
    assert.ok(kept < 100 * 1024 ** 2, `${kept} bytes`)
  })

  it('keeps a table small whose rows are written again and again', async () => {
    await insertRuns(5_000)
    await settle()
    const before = await size(`pg_total_relation_size('runs')`)
    for (let round = 0; round < 20; round++) {
      await database.pool.query(`update runs set step = $1, status = 'running'`, [String(round)])
      await settle()
    }
    const after = await size(`pg_total_relation_size('runs')`)
    assert.ok(after < 3 * before, `${before} bytes, then ${after}`)
  })
})
