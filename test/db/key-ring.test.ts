import assert from 'node:assert/strict'
import {
  createKeyedHash,
  createKeyRing,
  openText,
  sealJson,
  sealText,
  UnknownKeyError,
} from '../../db/key-ring.js'

describe('key ring', () => {
  const keys = createKeyRing(['first secret'])

  it('opens what it sealed, an empty value and bytes included', () => {
    assert.equal(openText(keys, sealText(keys, 'Bom dia, ação!')), 'Bom dia, ação!')
    assert.equal(openText(keys, sealText(keys, '')), '')
    const bytes = Buffer.from([0, 255, 1, 254])
    assert.deepEqual(keys.open(keys.seal(bytes)), bytes)
    assert.deepEqual(JSON.parse(openText(keys, sealJson(keys, { a: [1] }))), { a: [1] })
  })

  it('seals the same text differently each time, and never in clear', () => {
    const [one, two] = [sealText(keys, 'Maria Souza'), sealText(keys, 'Maria Souza')]
    assert.ok(!one.equals(two))
    assert.ok(!one.includes('Maria'))
  })

  it('reads with an old key and writes with the first', () => {
    const old = sealText(keys, 'antigo')
    const rotated = createKeyRing(['second secret', 'first secret'])
    assert.equal(openText(rotated, old), 'antigo')
    const fresh = sealText(rotated, 'novo')
    assert.throws(() => keys.open(fresh), UnknownKeyError)
    assert.equal(openText(createKeyRing(['second secret']), fresh), 'novo')
    assert.notEqual(rotated.currentKeyId, keys.currentKeyId)
  })

  it('derives the same key from the same secret on every start', () => {
    assert.equal(openText(createKeyRing(['first secret']), sealText(keys, 'x')), 'x')
  })

  it('opens nothing in which a single bit was changed', () => {
    const sealed = sealText(keys, 'saldo: 100')
    for (let index = 0; index < sealed.length; index++) {
      const changed = Buffer.from(sealed)
      changed[index]! ^= 1
      assert.throws(() => keys.open(changed), `byte ${index}`)
    }
  })

  it('opens nothing that was cut or never sealed', () => {
    const sealed = sealText(keys, 'saldo: 100')
    for (const length of [0, 1, 32, sealed.length - 1])
      assert.throws(() => keys.open(sealed.subarray(0, length)))
    assert.throws(
      () => keys.open(Buffer.from('Bom dia, isto é um texto que ninguém selou.')),
      /Not a sealed value/,
    )
  })

  it('names a key that is missing, not the secret', () => {
    const other = createKeyRing(['other secret'])
    assert.throws(
      () => other.open(sealText(keys, 'x')),
      (error) => {
        assert.ok(error instanceof UnknownKeyError)
        assert.ok(error.message.includes(keys.currentKeyId))
        assert.ok(!error.message.includes('secret'))
        return true
      },
    )
  })

  it('needs a key', () => {
    assert.throws(() => createKeyRing([]), /at least one key/)
  })
})

describe('keyed hash', () => {
  const hash = createKeyedHash('hash secret')

  it('is the same for the same parts, under the same secret', () => {
    assert.equal(hash('a', 'b'), createKeyedHash('hash secret')('a', 'b'))
    assert.equal(hash('a'), hash(Buffer.from('a')))
    assert.match(hash('a'), /^[0-9a-f]{64}$/)
  })

  it('differs by secret, by value and by where one part ends', () => {
    const hashes = [
      hash('ab', 'c'),
      hash('a', 'bc'),
      hash('abc'),
      hash('ab', 'c', ''),
      createKeyedHash('x')('ab', 'c'),
    ]
    assert.equal(new Set(hashes).size, hashes.length)
  })
})
