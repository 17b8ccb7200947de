import assert from 'node:assert/strict'
import { createHmac, generateKeyPairSync, hkdfSync } from 'node:crypto'
import { SignJWT } from 'jose'
import { createTokens } from '../../../services/accounts/tokens.js'

const claims = { username: 'João', accountId: 7, generation: 2 }
const startMs = Date.parse('2026-01-02T03:04:05Z')
const at = (seconds: number) => () => new Date(startMs + seconds * 1000)
const lifetimeMinutes = 30

const keyOf = (secret: string) => Buffer.from(hkdfSync('sha256', secret, '', 'triagem/jwt/v1', 32))

const encode = (part: unknown) => Buffer.from(JSON.stringify(part)).toString('base64url')

/** A token made by hand: what `head` and `payload` say, signed with our key unless another is given. */
const forge = (head: object, payload: object, key: Buffer = keyOf('secret')) => {
  const body = `${encode(head)}.${encode(payload)}`
  return `${body}.${createHmac('sha256', key).update(body).digest('base64url')}`
}

const head = { alg: 'HS256', typ: 'JWT' }
const now = startMs / 1000
const payload = {
  sub: 'João',
  uid: 7,
  gen: 2,
  iss: 'triagem',
  aud: 'triagem',
  iat: now,
  exp: now + 1800,
}

describe('createTokens', () => {
  const tokens = createTokens({ secrets: ['secret'], lifetimeMinutes, now: at(0) })

  it('reads what it issued', async () => {
    assert.deepEqual(await tokens.read(await tokens.issue(claims)), claims)
  })

  it('issues HS256 with the name as its subject, for the minutes set', async () => {
    const [first = '', second = ''] = (await tokens.issue(claims)).split('.')
    const decode = (part: string): unknown => JSON.parse(Buffer.from(part, 'base64url').toString())
    assert.deepEqual(decode(first), head)
    assert.deepEqual(decode(second), payload)
  })

  it('reads one made by hand as ours is, so that the forgeries below differ in one thing alone', async () => {
    assert.deepEqual(await tokens.read(forge(head, payload)), claims)
  })

  it('reads a token of the longest name', async () => {
    const long = { ...claims, username: '🌵'.repeat(255) }
    assert.deepEqual(await tokens.read(await tokens.issue(long)), long)
  })

  it('reads one until it expires, and five seconds longer', async () => {
    const token = await tokens.issue(claims)
    const readAt = (seconds: number) =>
      createTokens({ secrets: ['secret'], lifetimeMinutes, now: at(seconds) }).read(token)
    assert.deepEqual(await readAt(1_800), claims)
    assert.deepEqual(await readAt(1_804), claims)
    assert.equal(await readAt(1_806), undefined)
  })

  it('remembers a token that it read no longer than it is good', async () => {
    const clock = { seconds: 0 }
    const one = createTokens({
      secrets: ['secret'],
      lifetimeMinutes,
      now: () => at(clock.seconds)(),
    })
    const token = await one.issue(claims)
    for (clock.seconds of [0, 1_799, 1_804]) assert.deepEqual(await one.read(token), claims)
    clock.seconds = 1_806
    assert.equal(await one.read(token), undefined)
  })

  const without = (name: keyof typeof payload) =>
    Object.fromEntries(Object.entries(payload).filter(([key]) => key !== name))

  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const signedAs = (alg: string, key: Uint8Array | typeof privateKey) =>
    new SignJWT(payload).setProtectedHeader({ alg }).sign(key)

  const bad: readonly (readonly [string, () => string | Promise<string>])[] = [
    ['an empty one', () => ''],
    ['garbage', () => 'garbage'],
    ['garbage in three parts', () => 'a.b.c'],
    ['parts that are no JSON', () => `${encode(head)}.%%%.c2ln`],
    ['a NUL', () => '\0.\0.\0'],
    ['four parts', () => `${forge(head, payload)}.x`],
    ['a payload that is no object', () => forge(head, [1])],
    ['an expired one', () => forge(head, { ...payload, exp: now - 6 })],
    ['one not valid yet', () => forge(head, { ...payload, nbf: now + 6 })],
    ['alg none, unsigned', () => `${encode({ alg: 'none' })}.${encode(payload)}.`],
    ['alg none, signed', () => forge({ ...head, alg: 'none' }, payload)],
    ['alg nOnE', () => forge({ ...head, alg: 'nOnE' }, payload)],
    ['no algorithm', () => forge({ typ: 'JWT' }, payload)],
    [
      'HS384 with our key',
      () => signedAs('HS384', Buffer.concat([keyOf('secret'), Buffer.alloc(16)])),
    ],
    ['HS512 said of an HS256 signature', () => forge({ ...head, alg: 'HS512' }, payload)],
    ['RS256', () => signedAs('RS256', privateKey)],
    ['RS256 said of an HS256 signature', () => forge({ ...head, alg: 'RS256' }, payload)],
    [
      'an RSA key taken as a secret',
      () =>
        forge(
          head,
          payload,
          Buffer.from(publicKey.export({ type: 'spki', format: 'pem' }) as string),
        ),
    ],
    ['an unknown critical header', () => forge({ ...head, crit: ['x'], x: 1 }, payload)],
    [
      'a key of its own in the header',
      () =>
        forge(
          { ...head, jwk: { kty: 'oct', k: 'AAAA' } },
          payload,
          Buffer.from('AAAA', 'base64url'),
        ),
    ],
    ['a foreign key', () => forge(head, payload, keyOf('another'))],
    ['the secret itself as the key', () => forge(head, payload, Buffer.from('secret'))],
    ['an empty key', () => forge(head, payload, Buffer.alloc(0))],
    [
      'a changed payload',
      () => {
        const [first = '', , third = ''] = forge(head, payload).split('.')
        return `${first}.${encode({ ...payload, uid: 1 })}.${third}`
      },
    ],
    ['no signature', () => forge(head, payload).replace(/[^.]+$/, '')],
    ['a shorter signature', () => forge(head, payload).slice(0, -8)],
    ['another issuer', () => forge(head, { ...payload, iss: 'elsewhere' })],
    ['no issuer', () => forge(head, without('iss'))],
    ['another audience', () => forge(head, { ...payload, aud: 'elsewhere' })],
    ['no audience', () => forge(head, without('aud'))],
    ['no expiry', () => forge(head, without('exp'))],
    ['an expiry that is no number', () => forge(head, { ...payload, exp: 'never' })],
    ['no time of issue', () => forge(head, without('iat'))],
    ['no subject', () => forge(head, without('sub'))],
    ['no account', () => forge(head, without('uid'))],
    ['an account that is text', () => forge(head, { ...payload, uid: '7' })],
    ['a fraction of an account', () => forge(head, { ...payload, uid: 7.5 })],
    ['no generation', () => forge(head, without('gen'))],
    ['more than 4,096 characters', () => forge(head, { ...payload, more: 'x'.repeat(4_096) })],
  ]
  for (const [what, make] of bad)
    it(`refuses ${what}`, async () => {
      assert.equal(await tokens.read(await make()), undefined)
    })

  it('refuses one of the future only beyond five seconds', async () => {
    assert.deepEqual(await tokens.read(forge(head, { ...payload, nbf: now + 4 })), claims)
  })

  it('signs with the first key and reads with every key', async () => {
    const old = createTokens({ secrets: ['old'], lifetimeMinutes, now: at(0) })
    const rotated = createTokens({ secrets: ['new', 'old'], lifetimeMinutes, now: at(0) })
    const young = createTokens({ secrets: ['new'], lifetimeMinutes, now: at(0) })
    const [oldToken, newToken] = [await old.issue(claims), await rotated.issue(claims)]
    assert.deepEqual(await rotated.read(oldToken), claims)
    assert.deepEqual(await rotated.read(newToken), claims)
    assert.deepEqual(await young.read(newToken), claims)
    assert.equal(await young.read(oldToken), undefined)
    assert.equal(await old.read(newToken), undefined)
  })

  it('does not read an expired token of an old key', async () => {
    const old = createTokens({ secrets: ['old'], lifetimeMinutes, now: at(-3_600) })
    const rotated = createTokens({ secrets: ['new', 'old'], lifetimeMinutes, now: at(0) })
    assert.equal(await rotated.read(await old.issue(claims)), undefined)
  })

  it('needs a key', () => {
    assert.throws(() => createTokens({ secrets: [], lifetimeMinutes }), /at least one key/)
  })
})
