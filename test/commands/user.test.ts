import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLocalKey, publishLocalServer } from '../../commands/data-dir/local-server.js'
import { openAccounts } from '../../commands/processes/open-accounts.js'
import { runUser } from '../../commands/user.js'
import { ConfigError } from '../../config/values.js'
import { listAudit } from '../../db/audit.js'
import { embeddedDatabaseFolder, openEmbeddedDatabase } from '../../db/database.js'
import { createKeyedHash } from '../../db/key-ring.js'
import { acquireDataDirLock } from '../../commands/one-machine/data-dir-lock.js'
import { startApi, type TestApi } from '../api/support/start-api.js'
import { testConfig, testKeys } from '../support/config.js'

const password = 'uma senha de teste'

describe('triagem user', function () {
  this.timeout(60_000)
  let dataDir: string
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'triagem-user-'))
  })
  afterEach(() => rm(dataDir, { recursive: true, force: true }))

  /** @param typed what standard input says */
  async function run(args: readonly string[], typed = password): Promise<string> {
    const said: string[] = []
    await runUser({
      config: testConfig({ DATA_DIR: dataDir }),
      args: [...args],
      say: (line) => said.push(line),
      readPassword: () => Promise.resolve(typed),
    })
    return said.join('\n')
  }

  const openFolder = () => openEmbeddedDatabase(embeddedDatabaseFolder(dataDir))

  /** The sign-in of who opens DATA_DIR afterwards. */
  async function signIn(username: string, secret: string): Promise<string> {
    const database = await openFolder()
    try {
      const accounts = openAccounts({
        config: testConfig({ DATA_DIR: dataDir }),
        database,
        hash: createKeyedHash(testKeys.HASH_KEY),
      })
      const { account } = await accounts.signIn({
        username,
        password: secret,
        address: '127.0.0.1',
      })
      return account.role
    } finally {
      await database.close()
    }
  }

  it('refuses what it does not understand before it opens anything', async () => {
    const senseless = [
      [],
      ['dance'],
      ['add'],
      ['add', ''],
      ['add', 'ana', 'operator'],
      ['add', 'ana', '--role', 'king'],
      ['add', 'ana', '--password', password],
      ['add', 'ana', '--scopes', 'kitchen'],
      ['add', 'ana', '--scopes', 'operator'],
      ['add', 'ana', '--scopes', ''],
      ['scopes', 'ana'],
      ['scopes', 'ana', 'finance', 'chat'],
      ['role', 'ana', 'user', '--scopes', 'finance'],
      ['role', 'ana'],
      ['role', 'ana', 'king'],
      ['role', 'ana', 'user', 'more'],
      ['disable', 'ana', '--role', 'user'],
      ['list', 'ana'],
    ]
    for (const args of senseless)
      await assert.rejects(run(args), ConfigError, `triagem user ${args.join(' ')}`)
    const opened = await openFolder()
    assert.deepEqual(
      (await opened.pool.query('select 1 from pg_tables where tablename = $1', ['accounts'])).rows,
      [],
    )
    await opened.close()
  })

  it('keeps the accounts of a product that does not run', async () => {
    assert.equal(await run(['add', 'Ana']), 'Account 1 is made, with the role user.')
    assert.equal(await signIn('ana', password), 'user')
    assert.equal(await run(['role', 'ana', 'admin']), 'Account 1 has the role admin.')
    assert.equal(await signIn('ana', password), 'admin')
    const made = await run(['add', 'bruno', '--role', 'operator'], '')
    const random =
      /^Account 2 is made, with the role operator\. Its password, shown this once: (\S{16,})$/
    assert.equal(await signIn('bruno', random.exec(made)?.[1] ?? ''), 'operator')
    assert.equal(
      await run(['password', 'BRUNO'], 'outra senha boa'),
      'Account 2 has a new password.',
    )
    assert.equal(await signIn('bruno', 'outra senha boa'), 'operator')
    assert.match(await run(['disable', 'bruno']), /^Account 2 is disabled/)
    await assert.rejects(signIn('bruno', 'outra senha boa'), { code: 'wrong_credentials' })
    assert.equal(await run(['enable', 'bruno']), 'Account 2 is enabled.')
    assert.equal(await signIn('bruno', 'outra senha boa'), 'operator')
    assert.match(await run(['sign-out', 'bruno']), /^Account 2 is signed out everywhere/)
    const everything = 'classify+finance+chat+mailbox+operator'
    assert.equal(
      await run(['list']),
      `1\tAna\tadmin\t${everything}\tactive\n2\tbruno\toperator\t${everything}\tactive`,
    )
  })

  it('gives scopes with the account or later, and shows them', async () => {
    assert.equal(
      await run(['add', 'maria', '--scopes', 'finance']),
      'Account 1 is made, with the role user and the scopes finance.',
    )
    assert.equal(await run(['list']), '1\tmaria\tuser\tclassify+finance\tactive')
    assert.match(await run(['scopes', 'maria', 'chat,mailbox']), /: chat, mailbox\.$/)
    await run(['disable', 'maria'])
    assert.equal(await run(['list']), '1\tmaria\tuser\tclassify+chat+mailbox\tdisabled')
    assert.match(await run(['scopes', 'maria', 'none']), /: none\.$/)
    assert.equal(await run(['list']), '1\tmaria\tuser\tclassify\tdisabled')
  })

  it('writes down what it did, by ids alone', async () => {
    await run(['add', 'ana', '--role', 'admin'])
    await run(['sign-out', 'ana'])
    const database = await openFolder()
    const entries = await listAudit(database.db, { limit: 10 })
    await database.close()
    assert.deepEqual(
      entries.map(({ action, outcome, subject, caller }) => [action, outcome, subject, caller]),
      [
        ['account_changed', 'sign_out', '1', 'command-line'],
        ['account_created', 'admin', '1', 'command-line'],
      ],
    )
  })

  it('says in one sentence what an account can’t be', async () => {
    await run(['add', 'ana', '--role', 'admin'])
    await assert.rejects(run(['add', 'ANA']), /exists or looks too much like another/)
    await assert.rejects(run(['add', 'bruno'], 'seven77'), /at least 8 characters/)
    await assert.rejects(run(['add', 'a\u202Eb']), /visible characters/)
    await assert.rejects(run(['disable', 'ana']), /only active administrator/)
    await assert.rejects(run(['role', 'ana', 'user']), /only active administrator/)
    await assert.rejects(run(['disable', 'nobody']), /no account of that name/)
  })

  it('waits for nobody who holds DATA_DIR and does not serve', async () => {
    const lock = await acquireDataDirLock(dataDir)
    await assert.rejects(run(['list']), new RegExp(`process ${process.pid} holds DATA_DIR`))
    const key = createLocalKey()
    await publishLocalServer(dataDir, { url: 'http://127.0.0.1:1', key })
    await assert.rejects(run(['list']), /does not answer: try again/)
    await lock.release()
  })

  describe('beside a server that runs', () => {
    let api: TestApi
    const localKey = createLocalKey()
    /** What it keeps from others, it does not keep from this machine's own command line. */
    const env = { REGISTRATION: 'closed', API_KEYS: 'somebody-else' }

    beforeEach(async () => {
      api = await startApi({ env, localKey })
      const lock = await acquireDataDirLock(dataDir)
      await publishLocalServer(dataDir, { url: api.url, key: localKey })
      closing.push(
        () => api.close(),
        () => lock.release(),
      )
    })
    const closing: (() => Promise<void>)[] = []
    afterEach(async () => {
      for (const close of closing.splice(0)) await close()
    })

    async function tokenStatus(username: string, secret: string): Promise<number> {
      const body = new URLSearchParams({ username, password: secret })
      const answer = await fetch(`${api.url}/token`, { method: 'POST', body })
      await answer.body?.cancel()
      return answer.status
    }

    it('does the same through it', async () => {
      assert.match(await run(['add', 'Ana', '--role', 'admin']), /is made, with the role admin\.$/)
      assert.match(await run(['add', 'bruno']), /is made, with the role user\.$/)
      assert.equal(await tokenStatus('bruno', password), 200)
      await run(['disable', 'bruno'])
      assert.equal(await tokenStatus('bruno', password), 401)
      await run(['enable', 'bruno'])
      await run(['password', 'bruno'], 'outra senha boa')
      assert.equal(await tokenStatus('bruno', 'outra senha boa'), 200)
      await run(['role', 'bruno', 'operator'])
      await run(['sign-out', 'bruno'])
      const { rows } = await api.database.pool.query<{ username: string; role: string }>(
        'select username, role from accounts order by id',
      )
      assert.deepEqual(rows, [
        { username: 'Ana', role: 'admin' },
        { username: 'bruno', role: 'operator' },
      ])
      await run(['add', 'maria', '--scopes', 'finance+chat'])
      await run(['scopes', 'maria', 'finance'])
      await run(['disable', 'maria'])
      assert.match(
        await run(['list']),
        /^\d+\tAna\tadmin\t.*\tactive\n\d+\tbruno\toperator\t.*\tactive\n\d+\tmaria\tuser\tclassify\+finance\tdisabled$/,
      )
    })

    it('says what that server says', async () => {
      await run(['add', 'ana', '--role', 'admin'])
      await assert.rejects(run(['add', 'ANA']), /exists or looks too much like another/)
      await assert.rejects(run(['disable', 'ana']), /only active administrator/)
    })

    it('is refused where the key is of an earlier run', async () => {
      await publishLocalServer(dataDir, { url: api.url, key: createLocalKey() })
      await assert.rejects(run(['list']), Error)
      await assert.rejects(run(['add', 'ana']), Error)
      const { rowCount } = await api.database.pool.query('select 1 from accounts')
      assert.equal(rowCount, 0)
    })
  })
})
