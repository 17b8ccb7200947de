import assert from 'node:assert/strict'
import { createKeyedHash } from '../../../db/key-ring.js'
import { createKnownDevices, deviceDays } from '../../../services/accounts/known-devices.js'

describe('createKnownDevices()', () => {
  const dayMs = 86_400_000
  let nowMs = Date.UTC(2026, 0, 1)
  const now = () => new Date(nowMs)
  const hash = createKeyedHash('hash key')
  const devices = createKnownDevices({ hash, now })

  it('knows a device by its pass, for the account that signed in on it alone', () => {
    const pass = devices.renew(undefined, 'ana')
    const id = devices.find(pass, 'ana')
    assert.match(id ?? '', /^[\w-]{16}$/)
    assert.equal(devices.find(pass, 'bob'), undefined)
    assert.equal(devices.find(undefined, 'ana'), undefined)
    assert.notEqual(devices.find(devices.renew(undefined, 'ana'), 'ana'), id)
  })

  it('keeps the id of a device that signs in again, and those of its other accounts', () => {
    const ana = devices.renew(undefined, 'ana')
    const both = devices.renew(ana, 'bob')
    const again = devices.renew(both, 'ana')
    for (const pass of [both, again])
      assert.equal(devices.find(pass, 'ana'), devices.find(ana, 'ana'))
    assert.equal(devices.find(again, 'bob'), devices.find(both, 'bob'))
  })

  it('forgets the accounts that have not signed in for longest, of many on one device', () => {
    const names = Array.from({ length: 10 }, (_, index) => `name ${index}`)
    const pass = names.reduce<string | undefined>(
      (held, name) => devices.renew(held, name),
      undefined,
    )
    const known = names.filter((name) => devices.find(pass, name) !== undefined)
    assert.deepEqual(known, names.slice(2))
    assert.ok((pass ?? '').length < 1_024)
  })

  it('knows it until its time is over', () => {
    const pass = devices.renew(undefined, 'ana')
    nowMs += deviceDays * dayMs - 1
    assert.ok(devices.find(pass, 'ana'))
    nowMs += 1
    assert.equal(devices.find(pass, 'ana'), undefined)
  })

  it('knows none by a pass that was made up, changed or signed by another key', () => {
    const pass = devices.renew(undefined, 'ana')
    const [id = '', endsAt = '', signature = ''] = pass.split('.')
    const foreign = createKnownDevices({ hash: createKeyedHash('another key'), now })
    for (const bad of [
      '',
      '~',
      '...',
      'x.9999999999999.y',
      [id, Number(endsAt) + 1, signature].join('.'),
      [`${id}x`, endsAt, signature].join('.'),
      [id, endsAt, signature.slice(1)].join('.'),
      [id, endsAt].join('.'),
      foreign.renew(undefined, 'ana'),
      `${'~'.repeat(3_000)}${pass}`,
    ])
      assert.equal(devices.find(bad, 'ana'), undefined, bad)
  })
})
