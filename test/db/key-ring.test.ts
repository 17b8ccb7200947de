import assert from 'node:assert/strict'
import {
  createKeyedHash,
  createKeyRing,
  DamagedSealError,
  openText,
  sealJson,
  sealText,
  UnknownKeyError,
} from '../../db/key-ring.js'
import type { SealPlace } from '../../db/seal-places.js'
import { asSealed } from '../../db/sealed.js'
import { sealUnbound } from '../support/unbound-seal.js'

/** What a version from before seals were bound to places made of `Bom dia, ação!` with `first secret`. */
const unbound = asSealed(
  Buffer.from(
    '012859c06a2b3fd220bd288f73329364786be2c22422ae5939a25d4d9976a31beba3af052cc96435fc6d7cabdc33ecbfdc',
    'hex',
  ),
)
/** What this version made of the same for `place`: what is stored now must be read by every later one. */
const bound = asSealed(
  Buffer.from(
    '022859c06a22542f3fc04cf22649af4f72a60a15b406dc8a9418242860613d58b51a4c5a4e477cd5b49b628748925ed143',
    'hex',
  ),
)

describe('key ring', () => {
  const keys = createKeyRing(['first secret'])
  const place: SealPlace = { table: 'jobs', column: 'content', row: '1' }
  const seal = (text: string) => sealText(keys, text, place)
  const open = (sealed: Buffer, by = keys, at = place) => openText(by, asSealed(sealed), at)

  it('opens what it sealed, an empty value and bytes included', () => {
    assert.equal(open(seal('Bom dia, ação!')), 'Bom dia, ação!')
    assert.equal(open(seal('')), '')
    const bytes = Buffer.from([0, 255, 1, 254])
    assert.deepEqual(keys.open(keys.seal(bytes, place), place), bytes)
    assert.deepEqual(JSON.parse(open(sealJson(keys, { a: [1] }, place))), { a: [1] })
  })

  it('seals the same text differently each time, and never in clear', () => {
    const [one, two] = [seal('Maria Souza'), seal('Maria Souza')]
    assert.ok(!one.equals(two))
    assert.ok(!one.includes('Maria'))
  })

  it('reads with an old key and writes with the first', () => {
    const old = seal('antigo')
    const rotated = createKeyRing(['second secret', 'first secret'])
    assert.equal(open(old, rotated), 'antigo')
    assert.equal(open(unbound, rotated), 'Bom dia, ação!')
    const fresh = sealText(rotated, 'novo', place)
    assert.throws(() => open(fresh), UnknownKeyError)
    assert.equal(open(fresh, createKeyRing(['second secret'])), 'novo')
    assert.notEqual(rotated.currentKeyId, keys.currentKeyId)
  })

  it('knows the ids of its keys, the one that writes first', () => {
    const { keyIds, currentKeyId } = createKeyRing(['second secret', 'first secret'])
    assert.deepEqual(keyIds, [currentKeyId, keys.currentKeyId])
  })

  it('tells of each key that it lacks once, and asks again each time', () => {
    const told: string[] = []
    const ring = createKeyRing(['second secret'], (keyId) => told.push(keyId))
    const others = ['third secret', 'fourth secret'].map((secret) => createKeyRing([secret]))
    for (const other of [keys, keys, ...others, keys])
      assert.throws(() => open(sealText(other, 'x', place), ring), UnknownKeyError)
    assert.deepEqual(
      told,
      [keys, ...others].map(({ currentKeyId }) => currentKeyId),
    )
  })

  it('derives the same key from the same secret on every start', () => {
    assert.equal(open(seal('x'), createKeyRing(['first secret'])), 'x')
  })

  const others: Readonly<Record<string, SealPlace>> = {
    'another row': { ...place, row: '2' },
    'another column': { ...place, column: 'extracted' },
    'another table': { ...place, table: 'messages' },
    'no row': { ...place, row: '' },
    'a place whose parts make the same text': { table: 'job', column: 'scontent', row: '1' },
  }
  for (const [what, other] of Object.entries(others))
    it(`opens nothing that was sealed for ${what}`, () => {
      const moved = sealText(keys, 'saldo: 100', other)
      assert.throws(
        () => open(moved),
        (error) =>
          error instanceof DamagedSealError &&
          error.message.includes('moved to jobs.content') &&
          !error.message.includes('saldo'),
      )
      assert.equal(open(moved, keys, other), 'saldo: 100')
    })

  it('opens at every place what was sealed before seals were bound, and binds what it seals', () => {
    for (const at of [place, ...Object.values(others)])
      assert.equal(open(unbound, keys, at), 'Bom dia, ação!')
    assert.equal(open(sealUnbound('first secret', 'antigo')), 'antigo')
    assert.equal(seal('x')[0], 2)
  })

  it('opens what was sealed in its own format on another day', () => {
    assert.equal(open(bound), 'Bom dia, ação!')
  })

  it('is not fooled by a bound seal that calls itself unbound, or the other way round', () => {
    for (const [sealed, version] of [
      [seal('saldo: 100'), 1],
      [unbound, 2],
    ] as const) {
      const relabelled = Buffer.from(sealed)
      relabelled[0] = version
      assert.throws(() => open(relabelled), DamagedSealError)
    }
  })

  it('opens nothing in which a single bit was changed', () => {
    for (const sealed of [seal('saldo: 100'), unbound])
      for (let index = 0; index < sealed.length; index++) {
        const changed = Buffer.from(sealed)
        changed[index]! ^= 1
        assert.throws(() => open(changed), `byte ${index}`)
      }
  })

  it('opens nothing that was cut or never sealed', () => {
    const sealed = seal('saldo: 100')
    for (const length of [0, 1, 32, sealed.length - 1])
      assert.throws(() => open(sealed.subarray(0, length)), DamagedSealError)
    assert.throws(
      () => open(Buffer.from('Bom dia, isto é um texto que ninguém selou.')),
      /Not a sealed value/,
    )
  })

  it('names a key that is missing, not the secret', () => {
    const other = createKeyRing(['other secret'])
    assert.throws(
      () => open(seal('x'), other),
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
