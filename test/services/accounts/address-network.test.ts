import assert from 'node:assert/strict'
import { networkOf } from '../../../services/accounts/address-network.js'

describe('networkOf()', () => {
  it('is the /64 of an IPv6 address, however that is written', () => {
    for (const address of [
      '2001:db8:1:2::5',
      '2001:0DB8:0001:0002:ffff:ffff:ffff:ffff',
      '2001:db8:1:2:3:4:5:6',
      '2001:db8:1:2::',
      '2001:db8:1:2::%eth0',
    ])
      assert.equal(networkOf(address), '2001:db8:1:2::/64', address)
    assert.equal(networkOf('2001:db8::1'), '2001:db8:0:0::/64')
    assert.equal(networkOf('::1'), '0:0:0:0::/64')
    assert.equal(networkOf('::'), '0:0:0:0::/64')
  })

  it('is any other address itself', () => {
    assert.equal(networkOf('192.0.2.1'), '192.0.2.1')
    assert.equal(networkOf('::ffff:192.0.2.1'), '192.0.2.1')
    for (const odd of ['', 'unknown', '1:2', 'a::b::c']) assert.equal(networkOf(odd), odd)
  })
})
