import { createHmac, generateKeyPairSync, hkdfSync, sign } from 'node:crypto'
import { testKeys } from '../../support/config.js'

type Json = Readonly<Record<string, unknown>>

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
/** By RFC 7515 and our own label, written out: the product's code is what is tested. */
const keyOf = (secret: string | Buffer) =>
  Buffer.from(hkdfSync('sha256', secret, '', 'triagem/jwt/v1', 32))
const hs256 = (key: Buffer | string, head: string) =>
  createHmac('sha256', key).update(head).digest('base64url')

export interface Forged {
  readonly header?: Json
  readonly claims?: Json
  readonly secret?: string
}

/** What the product would sign for this account, but for what a test changes in it. */
export function forgeToken(
  account: { readonly id: number; readonly username: string },
  { header = {}, claims = {}, secret = testKeys.SECRET_KEY }: Forged = {},
): string {
  const head = `${part({ alg: 'HS256', typ: 'JWT', ...header })}.${part(usual(account, claims))}`
  return `${head}.${hs256(keyOf(secret), head)}`
}

/** Every token that must let nobody in, by what is wrong with it. */
export function badTokens(account: {
  readonly id: number
  readonly username: string
}): Readonly<Record<string, string>> {
  const now = nowSeconds()
  const good = forgeToken(account)
  const [head = '', body = '', signature = ''] = good.split('.')
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const publicPem = rsa.publicKey.export({ type: 'spki', format: 'pem' })
  const asRs = `${part({ alg: 'RS256', typ: 'JWT' })}.${body}`
  const none = part({ alg: 'none', typ: 'JWT' })
  const claims = (changed: Json) => forgeToken(account, { claims: changed })
  return {
    garbage: 'a.b.c',
    'no base64': '!!!.???.###',
    'empty parts': '..',
    'a body that is no JSON': `${head}.${Buffer.from('no json').toString('base64url')}.${signature}`,
    'a body that is null': `${head}.${part(null)}.${hs256(keyOf(testKeys.SECRET_KEY), `${head}.${part(null)}`)}`,
    'too long': claims({ padding: 'a'.repeat(5_000) }),
    expired: claims({ iat: now - 3600, exp: now - 60 }),
    'not yet valid': claims({ nbf: now + 600 }),
    'without an end': claims({ exp: undefined }),
    'an end that is a text': claims({ exp: String(now + 600) }),
    'alg none': `${none}.${body}.`,
    'alg none with the signature': `${none}.${body}.${signature}`,
    'alg None': `${part({ alg: 'None' })}.${body}.`,
    'HS512 in name': forgeToken(account, { header: { alg: 'HS512' } }),
    'RS256 of its own key': `${asRs}.${sign('sha256', Buffer.from(asRs), rsa.privateKey).toString('base64url')}`,
    'RS256 in name, HS256 in deed': `${asRs}.${hs256(keyOf(testKeys.SECRET_KEY), asRs)}`,
    'HS256 with a public key': `${head}.${body}.${hs256(publicPem, `${head}.${body}`)}`,
    'a key of its own in the header': forgeToken(account, {
      header: { jwk: { kty: 'oct', k: 'YQ' } },
      secret: 'a-key-of-somebody-else-altogether',
    }),
    'a foreign key': forgeToken(account, { secret: 'a-key-of-somebody-else-altogether' }),
    'SECRET_KEY itself as the key': `${head}.${body}.${hs256(testKeys.SECRET_KEY, `${head}.${body}`)}`,
    'an empty key': `${head}.${body}.${hs256('', `${head}.${body}`)}`,
    'another issuer': claims({ iss: 'somebody' }),
    'another audience': claims({ aud: 'somebody' }),
    'an unknown critical header': forgeToken(account, { header: { crit: ['b64'], b64: false } }),
    'no generation': claims({ gen: undefined }),
    'an old generation': claims({ gen: -1 }),
    'a later generation': claims({ gen: 7 }),
    'an account that is not there': claims({ uid: 2_000_000_000 }),
    'an account beyond integers': claims({ uid: 2 ** 40 }),
    'a generation beyond integers': claims({ gen: 2 ** 40 }),
    'an account that is a text': claims({ uid: `${account.id} or 1=1` }),
    'a changed body': `${head}.${part({ ...usual(account, {}), uid: account.id + 1 })}.${signature}`,
    'a cut signature': good.slice(0, -4),
  }
}

const nowSeconds = () => Math.floor(Date.now() / 1000)

function usual({ id, username }: { id: number; username: string }, changed: Json): Json {
  const now = nowSeconds()
  const claims = { uid: id, gen: 0, sub: username, iss: 'triagem', aud: 'triagem' }
  return { ...claims, iat: now, exp: now + 600, ...changed }
}
