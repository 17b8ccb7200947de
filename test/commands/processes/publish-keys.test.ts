import assert from 'node:assert/strict'
import { sql } from 'kysely'
import { pino } from 'pino'
import { createLifecycle, type Lifecycle } from '../../../commands/processes/lifecycle.js'
import { publishKeys } from '../../../commands/processes/publish-keys.js'
import { ConfigError } from '../../../config/values.js'
import type { OpenDatabase } from '../../../db/database.js'
import { createKeyRing } from '../../../db/key-ring.js'
import { publishProcess } from '../../../db/processes.js'
import { openTestDatabase } from '../../support/database.js'

describe('Processes that publish which keys they can open', () => {
  const log = pino({ level: 'silent' })
  /** As a server is, which has other processes. */
  let database: OpenDatabase
  let open: Lifecycle[]
  beforeEach(async () => {
    database = { ...(await openTestDatabase()), embedded: undefined }
    open = []
  })
  afterEach(async () => {
    for (const lifecycle of open) await lifecycle.close()
  })

  async function start(part: string, ...secrets: string[]): Promise<Lifecycle> {
    const lifecycle = createLifecycle(log)
    open.push(lifecycle)
    await publishKeys(lifecycle, part, { database, keys: createKeyRing(secrets), log })
    return lifecycle
  }
  const list = () =>
    database.db.selectFrom('processes').select(['part', 'key_ids']).orderBy('part').execute()
  const idsOf = (...secrets: string[]) => [...createKeyRing(secrets).keyIds]

  it('are there from their start to their end', async () => {
    const worker = await start('worker', 'old', 'new')
    await start('api', 'old')
    assert.deepEqual(await list(), [
      { part: 'api', key_ids: idsOf('old') },
      { part: 'worker', key_ids: idsOf('old', 'new') },
    ])
    await worker.close()
    assert.deepEqual(
      (await list()).map(({ part }) => part),
      ['api'],
    )
  })

  it('start in the order of the README: the new key last everywhere, then first', async () => {
    let [api, worker] = [await start('api', 'old'), await start('worker', 'old')]
    for (const secrets of [['old', 'new'], ['new', 'old'], ['new']]) {
      await api.close()
      api = await start('api', ...secrets)
      await worker.close()
      worker = await start('worker', ...secrets)
    }
  })

  it('refuse to start where another could not open what they would seal, and say what to do', async () => {
    await start('worker', 'old', 'new')
    await start('gateway', 'old')
    await assert.rejects(start('api', 'new', 'old'), (error) => {
      assert.ok(error instanceof ConfigError)
      assert.match(error.message, /^ENC_KEY begins with a key that other .* lack \(gateway\): /)
      assert.match(error.message, /First add the new key as the last of ENC_KEY everywhere/)
      return true
    })
  })

  it('are refused, of two that start at once and do not fit, one at least', async () => {
    const outcomes = await Promise.allSettled([start('api', 'new', 'old'), start('worker', 'old')])
    assert.ok(outcomes.some(({ status }) => status === 'rejected'))
  })

  it('refuse to start where they could not open what another seals', async () => {
    await start('api', 'new', 'old')
    await assert.rejects(start('worker', 'old'), (error) => {
      assert.ok(error instanceof ConfigError)
      assert.match(error.message, /^ENC_KEY lacks the key that other .* seal with \(api\): /)
      return true
    })
  })

  it('count for nothing after a minute without a sign, and are forgotten', async () => {
    const id = '00000000-0000-4000-8000-000000000001'
    await publishProcess(database.db, { id, part: 'killed', keyIds: idsOf('old') })
    await assert.rejects(start('api', 'new'), ConfigError)
    await sql`update processes set seen_at = now() - interval '61 seconds' where id = ${id}`.execute(
      database.db,
    )
    await start('worker', 'new')
    assert.ok(!(await list()).some(({ part }) => part === 'killed'))
  })

  it('are none on a database of its own', async function () {
    database = await openTestDatabase()
    if (database.embedded === undefined) return this.skip()
    await start('start', 'old')
    assert.deepEqual(await list(), [])
  })
})
