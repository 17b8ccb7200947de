import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ModelStore } from '../../../services/models/model-store.js'
import { createLocalKey, publishLocalServer } from '../../../commands/data-dir/local-server.js'
import { withModelTools } from '../../../commands/models/open-model-tools.js'
import { listAudit } from '../../../db/audit.js'
import { acquireDataDirLock } from '../../../commands/one-machine/data-dir-lock.js'
import { startApi, type TestApi } from '../../api/support/start-api.js'
import { testConfig } from '../../support/config.js'
import { addTestModel, makeModelFile, testCard } from '../../support/models.js'

describe('the models of a command', function () {
  this.timeout(60_000)
  let dataDir: string
  const closing: (() => Promise<void>)[] = []
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'triagem-model-tools-'))
  })
  afterEach(async () => {
    for (const close of closing.splice(0)) await close()
    await rm(dataDir, { recursive: true, force: true })
  })

  const withStore = <T>(use: (store: ModelStore) => Promise<T>): Promise<T> =>
    withModelTools(
      () => testConfig({ DATA_DIR: dataDir }),
      async (tools) => await use(await tools.store()),
    )
  const add = (store: ModelStore, version: string, bytes = makeModelFile(version)) =>
    store.add({ task: 'texts', version, card: testCard(version, 'texts'), bytes })
  const hold = async () => {
    const lock = await acquireDataDirLock(dataDir)
    closing.push(() => lock.release())
  }

  it('are in DATA_DIR where nothing runs, and stay there', async () => {
    const bytes = makeModelFile('v1')
    const { id } = await withStore(async (store) => {
      const added = await add(store, 'v1')
      await store.promote(added.id)
      return added
    })
    await withStore(async (store) => {
      assert.deepEqual(await store.current('texts'), { id, version: 'v1', bytes })
    })
    await hold()
  })

  it('wait for nobody who holds DATA_DIR and does not serve', async () => {
    await hold()
    const find = () => withStore((store) => store.find(1))
    await assert.rejects(find, new RegExp(`process ${process.pid} holds DATA_DIR and does not`))
    await publishLocalServer(dataDir, { url: 'http://127.0.0.1:1', key: createLocalKey() })
    await assert.rejects(find, /does not answer: try again/)
  })

  describe('beside a server that runs', () => {
    let api: TestApi
    /** What it keeps from others, it does not keep from this machine's own command line. */
    const env = { API_KEYS: 'somebody-else' }

    /** As `triagem start` does, with a key of its own each time. */
    async function serve(database?: TestApi['database']): Promise<void> {
      const localKey = createLocalKey()
      api = await startApi({ env, localKey, ...(database === undefined ? {} : { database }) })
      await publishLocalServer(dataDir, { url: api.url, key: localKey })
    }
    beforeEach(async () => {
      await hold()
      await serve()
      closing.push(() => api.close())
    })

    it('are that server’s', async () => {
      const bytes = makeModelFile('v1')
      await withStore(async (store) => {
        assert.equal(await store.current('texts'), undefined)
        assert.equal(await store.current('email'), undefined)
        const { id } = await add(store, 'v1')
        assert.deepEqual(await add(store, 'v1'), { id })
        assert.deepEqual(await store.find(id), { task: 'texts', bytes })
        assert.equal(await store.find(id + 1), undefined)
        assert.equal(await store.current('texts'), undefined)
        await store.promote(id)
        assert.deepEqual(await store.current('texts'), { id, version: 'v1', bytes })
        assert.equal(await store.current('email'), undefined)
      })
      const { rows } = await api.database.pool.query('select task, version from models')
      assert.deepEqual(rows, [{ task: 'texts', version: 'v1' }])
    })

    it('are written down as the command line’s', async () => {
      const { id } = await withStore(async (store) => {
        const added = await add(store, 'v1')
        await store.promote(added.id)
        return added
      })
      const entries = await listAudit(api.database.db, { limit: 10 })
      assert.deepEqual(
        entries.map(({ action, caller, subject }) => [action, caller, subject]),
        [
          ['model_promoted', 'local', String(id)],
          ['model_added', 'local', String(id)],
        ],
      )
    })

    it('are refused with that server’s own sentences', async () => {
      const unusable = await addTestModel(api.database.db, 'damaged-1', 'texts')
      await withStore(async (store) => {
        const { id } = await add(store, 'v1')
        const other = { card: { ...testCard('v1', 'texts'), examples: 13 } }
        await assert.rejects(
          add(store, 'v1', makeModelFile('v1', other)),
          /of this version already/,
        )
        await assert.rejects(add(store, 'v2', Buffer.from('x')), /is no model: send/)
        await assert.rejects(store.promote(unusable), /cannot be read: see why in GET \/models/)
        await assert.rejects(store.promote(id + 1), /Model not found/)
        assert.equal(await store.current('texts'), undefined)
      })
    })

    it('are found again when that server was started anew meanwhile', async () => {
      await withStore(async (store) => {
        const { id } = await add(store, 'v1')
        await api.close()
        await serve(api.database)
        await store.promote(id)
        assert.equal((await store.current('texts'))?.id, id)
      })
    })
  })
})
