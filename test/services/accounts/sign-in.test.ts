import assert from 'node:assert/strict'
import { type AccountService, AccountError } from '../../../services/accounts/account-service.js'
import { PasswordsBusyError } from '../../../services/accounts/passwords.js'
import { createSignIn } from '../../../services/accounts/sign-in.js'
import { createTokens } from '../../../services/accounts/tokens.js'
import type { OpenDatabase } from '../../../db/database.js'
import { createKeyedHash } from '../../../db/key-ring.js'
import { openTestDatabase } from '../../support/database.js'
import { address, createTestService, password } from './test-account-service.js'

describe('createSignIn', () => {
  let database: OpenDatabase
  let service: AccountService

  beforeEach(async () => {
    database = await openTestDatabase()
    service = createTestService(database)
    await service.register({ username: 'Ana', password })
    await service.register({ username: 'Bob', password })
  })

  /** What a try comes to: `in`, or the code of its refusal. */
  const attempt = async (
    credentials: Partial<Parameters<AccountService['signIn']>[0]>,
  ): Promise<string> => {
    try {
      await service.signIn({ username: 'Ana', password, address, ...credentials })
      return 'in'
    } catch (error) {
      if (!(error instanceof AccountError)) throw error
      return error.code
    }
  }
  const fail = (credentials: Partial<Parameters<AccountService['signIn']>[0]> = {}) =>
    attempt({ password: 'wrong horse', ...credentials })
  const failTimes = async (times: number, each: (i: number) => ReturnType<typeof fail>) => {
    for (let i = 0; i < times; i++) assert.equal(await each(i), 'wrong_credentials')
  }
  /** As if the window had gone by. */
  const endWindow = () =>
    database.db
      .updateTable('rate_limits')
      .set({ expire: Date.now() - 1 })
      .execute()

  it('lets in by any spelling of the name that is the same', async () => {
    const { account, token } = await service.signIn({ username: ' ANA ', password, address })
    assert.equal(account.username, 'Ana')
    assert.deepEqual(await service.authenticate(token), account)
  })

  it('says the same of a wrong password, an unknown name and one that can be no name', async () => {
    assert.equal(await fail(), 'wrong_credentials')
    for (const username of ['Nobody', '', 'a\0', 'a'.repeat(100_000), '\ud800'])
      assert.equal(await attempt({ username }), 'wrong_credentials')
    for (const bad of ['', `${password}\0`, 'a'.repeat(100_000)])
      assert.equal(await attempt({ username: 'Bob', password: bad }), 'wrong_credentials')
  })

  it('says the same of a disabled and of a deleted account', async () => {
    const ana = await service.find({ username: 'Ana' })
    await service.setDisabled(ana!.id, true)
    assert.equal(await attempt({}), 'wrong_credentials')
    await service.setDisabled(ana!.id, false)
    assert.equal(await attempt({}), 'in')
    await service.remove(ana!.id)
    assert.equal(await attempt({}), 'wrong_credentials')
  })

  it('refuses the right password too after five failures, until the window is over', async () => {
    await failTimes(5, () => fail())
    await assert.rejects(service.signIn({ username: 'aNA', password, address }), (error) => {
      assert.ok(error instanceof AccountError)
      assert.equal(error.code, 'too_many_sign_ins')
      assert.ok(error.retryAfterSeconds! > 14 * 60 && error.retryAfterSeconds! <= 15 * 60)
      return true
    })
    assert.equal(await attempt({ address: '192.0.2.2' }), 'in')
    assert.equal(await attempt({ username: 'Bob' }), 'in')
    await endWindow()
    assert.equal(await attempt({}), 'in')
  })

  it('slows an unknown name as it slows a known one', async () => {
    await failTimes(5, () => fail({ username: 'Nobody' }))
    assert.equal(await fail({ username: 'Nobody' }), 'too_many_sign_ins')
  })

  it('counts tries at the same time', async () => {
    const outcomes = await Promise.all(Array.from({ length: 12 }, () => fail()))
    assert.equal(outcomes.filter((outcome) => outcome === 'wrong_credentials').length, 5)
    assert.equal(outcomes.filter((outcome) => outcome === 'too_many_sign_ins').length, 7)
  })

  it('forgets the failures of who came in', async () => {
    for (let round = 0; round < 3; round++) {
      await failTimes(4, () => fail())
      assert.equal(await attempt({}), 'in')
    }
  })

  /** As many wrong tries as a hundred addresses can make: how many of them were looked at. */
  const attackFromHundred = async (): Promise<number> => {
    let guesses = 0
    for (let i = 0; i < 100; i++)
      for (let times = 0; times < 6; times++)
        if ((await fail({ address: `203.0.113.${i}` })) === 'wrong_credentials') guesses++
    return guesses
  }

  it('lets the owner in from a fresh address while a hundred addresses guess', async () => {
    assert.equal(await attackFromHundred(), 10 * 5 + 90 * 2)
    assert.equal(await fail({ address: '198.51.100.1' }), 'wrong_credentials')
    assert.equal(await attempt({ address: '198.51.100.1' }), 'in')
    assert.equal(await attempt({ address: '203.0.113.7' }), 'too_many_sign_ins')
  })

  it('looks at a bounded number of guesses in an hour, and still lets a known device in', async () => {
    const { device } = await service.signIn({ username: 'Ana', password, address })
    await failTimes(1, () => fail())
    const ofNames = database.db.updateTable('rate_limits').where('key', 'like', 'sign-in-name:%')
    await ofNames.set({ points: 999 }).execute()
    await failTimes(1, () => fail({ address: '192.0.2.2' }))
    const fresh = '198.51.100.1'
    assert.equal(await attempt({ address: fresh }), 'too_many_sign_ins')
    assert.equal(await attempt({ username: 'Bob', address: fresh }), 'in')
    assert.equal(await attempt({ address: fresh, device }), 'in')
    await endWindow()
    assert.equal(await attempt({ address: fresh }), 'in')
  })

  it('lets a known device in from an address that is shut', async () => {
    const { device } = await service.signIn({ username: 'Ana', password, address })
    await failTimes(5, () => fail())
    assert.equal(await attempt({}), 'too_many_sign_ins')
    assert.equal(await attempt({ device }), 'in')
    await failTimes(95, (i) => fail({ username: `name ${i}` }))
    assert.equal(await attempt({ device }), 'in')
  })

  it('slows a known device by its own failures, those of one alone', async () => {
    const { device } = await service.signIn({ username: 'Ana', password, address })
    const { device: other } = await service.signIn({ username: 'Ana', password, address })
    await failTimes(10, () => fail({ device }))
    assert.equal(await attempt({ device }), 'too_many_sign_ins')
    assert.equal(await attempt({ device: other }), 'in')
    assert.equal(await attempt({}), 'in')
    await endWindow()
    assert.equal(await attempt({ device }), 'in')
  })

  it('knows a device of one account as a stranger to every other', async () => {
    const { device } = await service.signIn({ username: 'Ana', password, address })
    await failTimes(5, () => fail({ username: 'Bob' }))
    assert.equal(await attempt({ username: 'Bob', device }), 'too_many_sign_ins')
    const both = await service.signIn({ username: 'Bob', password, address: '192.0.2.9', device })
    await failTimes(5, () => fail())
    for (const username of ['Ana', 'Bob'])
      assert.equal(await attempt({ username, device: both.device }), 'in')
  })

  it('counts the addresses of one IPv6 network as one', async () => {
    await failTimes(5, (i) => fail({ address: `2001:db8:1:2::${i}` }))
    assert.equal(await attempt({ address: '2001:db8:1:2:ffff::1' }), 'too_many_sign_ins')
    assert.equal(await attempt({ address: '2001:db8:1:3::1' }), 'in')
  })

  it('refuses an address after a hundred failures of whatever name', async () => {
    await failTimes(100, (i) => fail({ username: `name ${i}` }))
    assert.equal(await attempt({}), 'too_many_sign_ins')
    assert.equal(await attempt({ address: '192.0.2.2' }), 'in')
  })

  it('shuts out neither a name nor an address by one pair tried for ever', async () => {
    for (let i = 0; i < 120; i++) await fail()
    assert.equal(await attempt({ username: 'Bob' }), 'in')
    assert.equal(await attempt({ address: '192.0.2.2' }), 'in')
  })

  it('lets many come in from one address', async () => {
    for (let i = 0; i < 110; i++)
      assert.equal(await attempt({ username: i % 2 === 0 ? 'Ana' : 'Bob' }), 'in')
  })

  it('counts no try that was not looked at', async () => {
    const { signIn: busy } = createSignIn({
      ...database,
      passwords: {
        hash: () => Promise.reject(new PasswordsBusyError()),
        verify: () => Promise.reject(new PasswordsBusyError()),
      },
      tokens: createTokens({ secrets: ['secret'], lifetimeMinutes: 30 }),
      hash: createKeyedHash('hash key'),
    })
    for (let i = 0; i < 8; i++)
      await assert.rejects(busy({ username: 'Ana', password, address }), PasswordsBusyError)
    assert.equal(await attempt({}), 'in')
  })

  it('keeps no name or address in clear', async () => {
    await fail()
    const rows = await database.db.selectFrom('rate_limits').selectAll().execute()
    assert.equal(rows.length, 3)
    assert.doesNotMatch(JSON.stringify(rows), /ana|192\.0/i)
  })
})
