import assert from 'node:assert/strict'
import { type AccountService, AccountError } from '../../../services/accounts/account-service.js'
import type { OpenDatabase } from '../../../db/database.js'
import { openTestDatabase } from '../../support/database.js'
import { address, createTestService, password } from './test-account-service.js'

describe('createAccountService', () => {
  let database: OpenDatabase
  let service: AccountService

  beforeEach(async () => {
    database = await openTestDatabase()
    service = createTestService(database)
  })

  const register = (username: string) => service.register({ username, password })
  const signIn = async (username: string) => {
    const { token } = await service.signIn({ username, password, address })
    return token
  }
  const refusal = (code: string) => (error: unknown) =>
    error instanceof AccountError && error.code === code

  describe('registering', () => {
    it('gives an account that can sign in, a user unless said otherwise', async () => {
      const ana = await register('  Ana   Souza ')
      const scopes = ['classify']
      assert.deepEqual(ana, { id: ana.id, username: 'Ana Souza', role: 'user', scopes })
      const bob = await service.register({ username: 'Bob', password, role: 'operator' })
      assert.equal(bob.role, 'operator')
      assert.deepEqual(await service.authenticate(await signIn('ANA souza')), ana)
    })

    it('keeps no password in clear', async () => {
      await register('Ana')
      const rows = await database.db.selectFrom('accounts').selectAll().execute()
      assert.doesNotMatch(JSON.stringify(rows), new RegExp(password))
      assert.match(rows[0]?.password_hash ?? '', /^\$2b\$/)
    })

    it('refuses a name like one that is taken, by case, Unicode or look-alikes', async () => {
      await register('Ana Böhm')
      for (const name of ['ana böhm', 'ANA BO\u0308HM', '\u0410na B\u00f6hm', ' Ana\u00a0Böhm '])
        await assert.rejects(register(name), refusal('username_taken'), name)
      assert.equal((await register('Ana Bohm')).username, 'Ana Bohm')
    })

    it('refuses an empty name, one of 256 characters and one that is not seen', async () => {
      for (const name of ['', '   ', 'a'.repeat(256), 'a\0', '\u200b'])
        await assert.rejects(register(name), refusal('invalid_username'))
    })

    it('refuses passwords of 7 characters, 73 bytes and with a NUL', async () => {
      for (const bad of ['1234567', 'a'.repeat(73), '12345678\0'])
        await assert.rejects(
          service.register({ username: 'Ana', password: bad }),
          refusal('invalid_password'),
        )
      assert.deepEqual(await service.list({ exceptId: 0, skip: 0 }), [])
    })

    it('gives one of two registrations at once', async () => {
      const both = await Promise.allSettled([register('Ana'), register('ana')])
      const refused = both.filter((one) => one.status === 'rejected')
      assert.equal(refused.length, 1)
      assert.ok(refusal('username_taken')(refused[0]?.reason))
      assert.equal((await service.list({ exceptId: 0, skip: 0 })).length, 1)
    })

    it('gives the name of a deleted account to nobody', async () => {
      const { id } = await register('Ana')
      await service.remove(id)
      await assert.rejects(register('ana'), refusal('username_taken'))
    })
  })

  describe('a token', () => {
    it('ends with sign-out everywhere, a new password, disabling and deletion', async () => {
      const { id } = await register('Ana')
      const ends: (() => Promise<boolean>)[] = [
        () => service.signOutEverywhere(id),
        () => service.setPassword(id, password),
        () => service.setDisabled(id, true),
        () => service.remove(id),
      ]
      for (const end of ends) {
        await service.setDisabled(id, false)
        const token = await signIn('Ana')
        assert.equal((await service.authenticate(token))?.id, id)
        assert.equal(await end(), true)
        assert.equal(await service.authenticate(token), undefined)
      }
    })

    it('of before a disabling is not good again afterwards', async () => {
      const { id } = await register('Ana')
      const token = await signIn('Ana')
      await service.setDisabled(id, true)
      await service.setDisabled(id, false)
      assert.equal(await service.authenticate(token), undefined)
    })

    it('gives the role of now', async () => {
      const { id } = await register('Ana')
      const token = await signIn('Ana')
      await service.setRole(id, 'operator')
      assert.equal((await service.authenticate(token))?.role, 'operator')
    })

    it('expires', async () => {
      await register('Ana')
      let nowMs = Date.now()
      const later = createTestService(database, () => new Date(nowMs))
      const { token } = await later.signIn({ username: 'Ana', password, address })
      assert.ok(await later.authenticate(token))
      nowMs += 31 * 60_000
      assert.equal(await later.authenticate(token), undefined)
    })

    it('that is garbage gives nobody', async () => {
      for (const garbage of ['', 'x', 'a.b.c', '\0'])
        assert.equal(await service.authenticate(garbage), undefined)
    })
  })

  describe('scopes', () => {
    const everything = ['classify', 'finance', 'chat', 'mailbox', 'operator']

    it('are given at registration or later, beside those of the role', async () => {
      const maria = await service.register({
        ...{ username: 'Maria', password },
        scopes: ['mailbox', 'finance'],
      })
      assert.deepEqual(maria.scopes, ['classify', 'finance', 'mailbox'])
      await service.setScopes(maria.id, ['chat'])
      assert.deepEqual((await service.find({ id: maria.id }))?.scopes, ['classify', 'chat'])
      await service.setRole(maria.id, 'operator')
      assert.deepEqual((await service.find({ id: maria.id }))?.scopes, everything)
      await service.setRole(maria.id, 'user')
      assert.deepEqual((await service.find({ id: maria.id }))?.scopes, ['classify', 'chat'])
    })

    it('are those of now for a token that is about', async () => {
      const { id } = await register('Ana')
      const token = await signIn('Ana')
      await service.setScopes(id, ['finance'])
      assert.deepEqual((await service.authenticate(token))?.scopes, ['classify', 'finance'])
    })

    it('are listed with the role and the state', async () => {
      const ana = await service.register({ username: 'Ana', password, scopes: ['chat'] })
      const rui = await service.register({ username: 'Rui', password, role: 'admin' })
      const eva = await register('Eva')
      await service.setDisabled(ana.id, true)
      await service.remove(eva.id)
      const states = await service.listStates({ skip: 0 })
      assert.deepEqual(
        states.map(({ createdAt, ...state }) => [state, createdAt instanceof Date]),
        [
          [{ ...ana, disabled: true }, true],
          [{ ...rui, disabled: false }, true],
        ],
      )
      assert.deepEqual(
        (await service.listStates({ skip: 1, limit: 1 })).map(({ id }) => id),
        [rui.id],
      )
    })
  })

  describe('a password of one’s own', () => {
    const next = 'battery staple'
    const change = (accountId: number, current = password) =>
      service.changeOwnPassword({ accountId, current, next })

    it('ends every session, and begins one', async () => {
      const { id } = await register('Ana')
      const before = await signIn('Ana')
      const after = await change(id)
      assert.equal(await service.authenticate(before), undefined)
      assert.equal((await service.authenticate(after ?? ''))?.id, id)
      await assert.rejects(signIn('Ana'), refusal('wrong_credentials'))
      assert.ok(await service.signIn({ username: 'Ana', password: next, address }))
    })

    it('is not changed by who does not know the present one, who guesses slowly', async () => {
      const { id } = await register('Ana')
      const token = await signIn('Ana')
      for (let i = 0; i < 10; i++)
        await assert.rejects(change(id, 'wrong horse'), refusal('wrong_password'))
      await assert.rejects(change(id), refusal('too_many_sign_ins'))
      assert.ok(await service.authenticate(token))
      assert.ok(await signIn('Ana'))
    })

    it('must be one that an account can have', async () => {
      const { id } = await register('Ana')
      const short = service.changeOwnPassword({ accountId: id, current: password, next: 'curta' })
      await assert.rejects(short, refusal('invalid_password'))
      assert.ok(await signIn('Ana'))
    })

    it('is nobody’s where the account is gone', async () => {
      const { id } = await register('Ana')
      await service.remove(id)
      assert.equal(await change(id), undefined)
    })
  })

  it('lists all but the caller and the deleted by their ids, a part where asked', async () => {
    const accounts = [await register('Ana'), await register('Bob'), await register('Eva')]
    const [ana, bob, eva] = accounts.map(({ id, username }) => ({ id, username }))
    const leo = await register('Leo')
    await service.remove(leo.id)
    await service.setDisabled(bob!.id, true)
    assert.deepEqual(await service.list({ exceptId: ana!.id, skip: 0 }), [bob, eva])
    assert.deepEqual(await service.list({ exceptId: 0, skip: 1, limit: 1 }), [bob])
    assert.deepEqual(await service.list({ exceptId: 0, skip: 3 }), [])
    assert.deepEqual(await service.list({ exceptId: 0, skip: 0, limit: 0 }), [])
  })

  it('finds by id and by name, the disabled but not the deleted', async () => {
    const ana = await register('Ana')
    assert.deepEqual(await service.find({ id: ana.id }), { ...ana, disabled: false })
    await service.setDisabled(ana.id, true)
    assert.deepEqual(await service.find({ username: 'ANA' }), { ...ana, disabled: true })
    await service.remove(ana.id)
    assert.equal(await service.find({ id: ana.id }), undefined)
    assert.equal(await service.find({ username: 'Ana' }), undefined)
  })

  it('knows no account by what can be no id or name', async () => {
    await service.register({ username: 'Root', password, role: 'admin' })
    for (const id of [0, -1, 1.5, 2 ** 31, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY]) {
      assert.equal(await service.find({ id }), undefined)
      assert.equal(await service.setDisabled(id, true), false)
      assert.equal(await service.setRole(id, 'user'), false)
      assert.equal(await service.setScopes(id, []), false)
      assert.equal(await service.setPassword(id, password), false)
      assert.equal(await service.signOutEverywhere(id), false)
      assert.equal(await service.remove(id), false)
      assert.equal(await service.revokeKey(id), false)
    }
    assert.equal(await service.find({ username: 'a\0' }), undefined)
  })

  it('refuses a bad new password, and the old one stays', async () => {
    const { id } = await register('Ana')
    await assert.rejects(service.setPassword(id, '1234567'), refusal('invalid_password'))
    assert.ok(await signIn('Ana'))
    await service.setPassword(id, 'battery staple')
    await assert.rejects(signIn('Ana'), refusal('wrong_credentials'))
  })

  it('leaves the last admin', async () => {
    const { id } = await service.register({ username: 'Root', password, role: 'admin' })
    for (const end of [
      () => service.setDisabled(id, true),
      () => service.setRole(id, 'operator'),
      () => service.remove(id),
    ])
      await assert.rejects(end(), refusal('last_admin'))
    assert.equal((await service.authenticate(await signIn('Root')))?.role, 'admin')
  })

  describe('the first admin', () => {
    it('is made once, with a password that works', async () => {
      const made = await Promise.all([service.ensureFirstAdmin(), service.ensureFirstAdmin()])
      const [first, ...others] = made.filter((one) => one !== undefined)
      assert.ok(first)
      assert.deepEqual(others, [])
      const { account } = await service.signIn({ ...first, address })
      assert.deepEqual([account.username, account.role], ['admin', 'admin'])
      assert.equal(await service.ensureFirstAdmin(), undefined)
    })

    it('is not made where somebody is already', async () => {
      await register('Ana')
      assert.equal(await service.ensureFirstAdmin(), undefined)
    })
  })
})
