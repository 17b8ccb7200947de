import assert from 'node:assert/strict'
import { type AccountEvent, accountEventsChannel } from '../../db/account-events.js'
import {
  changeAccount,
  findAccount,
  findAccountByKey,
  findSignedInAccount,
  hasAccounts,
  insertAccount,
  insertFirstAccount,
  listAccounts,
  listGenerations,
} from '../../db/accounts.js'
import type { OpenDatabase } from '../../db/database.js'
import { openNotifications } from '../../db/notifications.js'
import type { Role } from '../../db/schema/accounts.js'
import { openTestDatabase } from '../support/database.js'
import { waitUntil } from '../support/wait-until.js'

describe('accounts', () => {
  let database: OpenDatabase

  beforeEach(async () => {
    database = await openTestDatabase()
  })

  const named = (username: string, role: Role = 'user') => ({
    username,
    username_key: username.toLowerCase(),
    password_hash: 'hash',
    role,
  })
  const insert = async (username: string, role?: Role): Promise<number> => {
    const account = await insertAccount(database.db, named(username, role))
    assert.ok(account)
    return account.id
  }
  const get = async (id: number) =>
    await database.db
      .selectFrom('accounts')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirstOrThrow()

  it('gives a name to one of two who ask for it at once', async () => {
    const both = await Promise.all([
      insertAccount(database.db, named('Ana')),
      insertAccount(database.db, named('ANA')),
    ])
    assert.equal(both.filter((account) => account === undefined).length, 1)
    assert.equal((await listAccounts(database.db, { exceptId: 0, skip: 0 })).length, 1)
  })

  it('makes a first account once, however many ask for it at once', async () => {
    const { db } = database
    assert.equal(await hasAccounts(db), false)
    const made = await Promise.all(
      Array.from({ length: 5 }, () => insertFirstAccount(db, named('admin', 'admin'))),
    )
    assert.equal(made.filter((account) => account !== undefined).length, 1)
    assert.equal(await insertFirstAccount(db, named('another', 'admin')), undefined)
    assert.equal(await hasAccounts(db), true)
  })

  it('finds who may sign in, by all that a token says', async () => {
    const { db } = database
    const id = await insert('Ana')
    const claims = { accountId: id, username: 'Ana', generation: 0 }
    const found = { id, username: 'Ana', role: 'user', scopes: [] }
    assert.deepEqual(await findSignedInAccount(db, claims), found)
    assert.equal(await findSignedInAccount(db, { ...claims, generation: 1 }), undefined)
    assert.equal(await findSignedInAccount(db, { ...claims, username: 'Bob' }), undefined)
    assert.equal(await findSignedInAccount(db, { ...claims, accountId: id + 1 }), undefined)
  })

  it('signs out by everything but a new role, new scopes and being enabled again', async () => {
    const { db } = database
    await insert('Root', 'admin')
    const id = await insert('Ana')
    const generation = async () => (await get(id)).token_generation
    await changeAccount(db, id, { kind: 'role', role: 'operator' })
    await changeAccount(db, id, { kind: 'scopes', scopes: ['finance'] })
    await changeAccount(db, id, { kind: 'enable' })
    assert.equal(await generation(), 0)
    await changeAccount(db, id, { kind: 'sign_out' })
    await changeAccount(db, id, { kind: 'password', hash: 'other' })
    await changeAccount(db, id, { kind: 'disable' })
    assert.equal(await generation(), 3)
    await changeAccount(db, id, { kind: 'delete' })
    assert.equal(await generation(), 4)
  })

  it('tells the sockets of an account that it ended, and of nothing else', async () => {
    const { db } = database
    await insert('Root', 'admin')
    const [ana, bob] = [await insert('Ana'), await insert('Bob')]
    const events: AccountEvent[] = []
    const notifications = await openNotifications(database, [accountEventsChannel], {
      onNotification: (payload) => events.push(JSON.parse(payload) as AccountEvent),
      onListening: () => undefined,
      onError: assert.ifError,
    })
    try {
      await changeAccount(db, ana, { kind: 'role', role: 'operator' })
      await changeAccount(db, ana, { kind: 'enable' })
      await changeAccount(db, ana, { kind: 'sign_out' })
      await changeAccount(db, ana, { kind: 'password', hash: 'other' })
      await changeAccount(db, ana, { kind: 'disable' })
      await changeAccount(db, ana, { kind: 'delete' })
      await changeAccount(db, ana, { kind: 'sign_out' })
      await changeAccount(db, bob, { kind: 'sign_out' })
      await waitUntil('all has come', () => events.some(({ account }) => account === bob))
      assert.deepEqual(
        events,
        [ana, ana, ana, ana, bob].map((account) => ({ kind: 'ended', account })),
      )
    } finally {
      await notifications.close()
    }
  })

  it('keeps the row and the name of who was deleted, without a password', async () => {
    const { db } = database
    const id = await insert('Ana')
    assert.equal(await changeAccount(db, id, { kind: 'delete' }), 'changed')
    assert.equal(await changeAccount(db, id, { kind: 'delete' }), 'missing')
    assert.equal(await changeAccount(db, id, { kind: 'password', hash: 'new' }), 'missing')
    assert.equal(await findAccount(db, id), undefined)
    assert.equal(await insertAccount(db, named('ana')), undefined)
    const row = await findAccountByKey(db, 'ana')
    assert.equal(row?.username, 'Ana')
    assert.equal(row.password_hash, null)
    assert.ok(row.deleted_at)
  })

  it('remembers since when an account is disabled', async () => {
    const { db } = database
    const id = await insert('Ana')
    await changeAccount(db, id, { kind: 'disable' })
    const { disabled_at } = await get(id)
    assert.ok(disabled_at)
    await changeAccount(db, id, { kind: 'disable' })
    assert.deepEqual((await get(id)).disabled_at, disabled_at)
    await changeAccount(db, id, { kind: 'enable' })
    assert.equal((await get(id)).disabled_at, null)
  })

  it('says which of many may sign in, and with which generation', async () => {
    const { db } = database
    const [ana, bob, eva, leo] = [
      await insert('Ana'),
      await insert('Bob'),
      await insert('Eva'),
      await insert('Leo'),
    ]
    await changeAccount(db, bob, { kind: 'disable' })
    await changeAccount(db, eva, { kind: 'delete' })
    await changeAccount(db, leo, { kind: 'sign_out' })
    const rows = await listGenerations(db, [ana, bob, eva, leo, leo + 1])
    assert.deepEqual(
      rows.sort((one, other) => one.id - other.id),
      [
        { id: ana, token_generation: 0 },
        { id: leo, token_generation: 1 },
      ],
    )
  })

  describe('the last admin', () => {
    const ways = [
      { kind: 'disable' },
      { kind: 'delete' },
      { kind: 'role', role: 'operator' },
      { kind: 'role', role: 'user' },
    ] as const
    for (const way of ways)
      it(`stays what it is: ${Object.values(way).join(' ')}`, async () => {
        const { db } = database
        const [root, gone, off] = [
          await insert('Root', 'admin'),
          await insert('Gone', 'admin'),
          await insert('Off', 'admin'),
        ]
        await insert('Ana', 'operator')
        assert.equal(await changeAccount(db, gone, { kind: 'delete' }), 'changed')
        assert.equal(await changeAccount(db, off, { kind: 'disable' }), 'changed')
        const before = await get(root)
        assert.equal(await changeAccount(db, root, way), 'last_admin')
        assert.deepEqual(await get(root), before)
        assert.equal(await changeAccount(db, off, { kind: 'enable' }), 'changed')
        assert.equal(await changeAccount(db, root, way), 'changed')
      })

    it('is left where two take the right from each other at once', async () => {
      const { db } = database
      for (let i = 0; i < 5; i++) {
        const [one, other] = [await insert(`One${i}`, 'admin'), await insert(`Other${i}`, 'admin')]
        const outcomes = await Promise.all([
          changeAccount(db, one, { kind: 'role', role: 'user' }),
          changeAccount(db, other, { kind: 'disable' }),
        ])
        assert.deepEqual(outcomes.sort(), ['changed', 'last_admin'])
        await db.updateTable('accounts').set({ role: 'user' }).execute()
      }
    })

    it('may have a new password and be signed out', async () => {
      const root = await insert('Root', 'admin')
      const { db } = database
      assert.equal(await changeAccount(db, root, { kind: 'password', hash: 'new' }), 'changed')
      assert.equal(await changeAccount(db, root, { kind: 'sign_out' }), 'changed')
      assert.equal(await changeAccount(db, root, { kind: 'role', role: 'admin' }), 'changed')
    })
  })
})
