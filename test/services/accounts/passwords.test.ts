import assert from 'node:assert/strict'
import {
  checkPassword,
  createPasswords,
  PasswordsBusyError,
} from '../../../services/accounts/passwords.js'

const cost = 4

describe('checkPassword', () => {
  it('takes 8 characters to 72 bytes', () => {
    assert.equal(checkPassword('12345678'), 'ok')
    assert.equal(checkPassword('a'.repeat(72)), 'ok')
    assert.equal(checkPassword('🌵'.repeat(8)), 'ok')
    assert.equal(checkPassword('ã'.repeat(36)), 'ok')
  })

  it('refuses 7 characters, however many bytes they take', () => {
    assert.equal(checkPassword(''), 'too_short')
    assert.equal(checkPassword('1234567'), 'too_short')
    assert.equal(checkPassword('🌵'.repeat(7)), 'too_short')
  })

  it('refuses 73 bytes, however few characters they are', () => {
    assert.equal(checkPassword('a'.repeat(73)), 'too_long')
    assert.equal(checkPassword(`a${'ã'.repeat(36)}`), 'too_long')
  })

  it('refuses a NUL', () => {
    assert.equal(checkPassword('12345678\0'), 'has_nul')
    assert.equal(checkPassword('\0'), 'has_nul')
  })
})

describe('createPasswords', () => {
  const passwords = createPasswords({ cost })

  it('makes a bcrypt hash of the cost asked for, 10 by itself', async () => {
    assert.match(await passwords.hash('correct horse'), /^\$2b\$04\$.{53}$/)
    assert.match(await createPasswords().hash('correct horse'), /^\$2b\$10\$.{53}$/)
  })

  it('knows the right password and no other', async () => {
    const hash = await passwords.hash('correct horse')
    assert.equal(await passwords.verify('correct horse', hash), true)
    assert.equal(await passwords.verify('Correct horse', hash), false)
    assert.equal(await passwords.verify('', hash), false)
    assert.equal(await passwords.verify('correct horse', undefined), false)
  })

  it('does not take what bcrypt would cut off for the same', async () => {
    const long = 'a'.repeat(72)
    const hash = await passwords.hash(long)
    assert.equal(await passwords.verify(long, hash), true)
    assert.equal(await passwords.verify(`${long}b`, hash), false)
    const short = await passwords.hash('12345678')
    assert.equal(await passwords.verify('12345678\0x', short), false)
  })

  it('takes as long for nobody as for somebody', async () => {
    const slow = createPasswords({ cost: 10 })
    const hash = await slow.hash('correct horse')
    const timeMs = async (known: string | undefined) => {
      const startedAt = performance.now()
      await slow.verify('wrong horse', known)
      return performance.now() - startedAt
    }
    // In turns and the least of many: what else the machine does is not what is measured.
    let [somebody, nobody] = [Infinity, Infinity]
    for (let round = 0; round < 15; round++) {
      somebody = Math.min(somebody, await timeMs(hash))
      nobody = Math.min(nobody, await timeMs(undefined))
    }
    assert.ok(
      nobody > somebody / 2 && nobody < somebody * 2,
      `${nobody.toFixed(1)} ms for nobody, ${somebody.toFixed(1)} ms for somebody`,
    )
  })

  it('leaves the event loop free', async () => {
    const slow = createPasswords({ cost: 11 })
    let turns = 0
    const timer = setInterval(() => turns++, 1)
    await slow.hash('correct horse')
    clearInterval(timer)
    assert.ok(turns > 3, `${turns} turns`)
  })

  it('refuses when too many wait, and serves all that it let in', async () => {
    const hash = await passwords.hash('correct horse')
    const checks = Array.from({ length: 60 }, () => passwords.verify('correct horse', hash))
    const settled = await Promise.allSettled(checks)
    const refused = settled.filter((check) => check.status === 'rejected')
    assert.equal(refused.length, 60 - 33)
    assert.ok(refused.every((check) => check.reason instanceof PasswordsBusyError))
    const served = settled.filter((check) => check.status === 'fulfilled')
    assert.ok(served.every((check) => check.value))
    assert.equal(await passwords.verify('correct horse', hash), true)
  })
})
