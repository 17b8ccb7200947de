import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomFillSync,
} from 'node:crypto'

/**
 * AES-256-GCM over a list of keys: the first writes, all read, so a key can be replaced while what
 * it sealed is still there. It seals what rests in PostgreSQL and what passes through Temporal.
 */
export interface KeyRing {
  /** Id of the key that writes; not secret. */
  readonly currentKeyId: string
  seal(plain: Uint8Array): Buffer
  /** @throws UnknownKeyError for a key that is not in the ring; DamagedSealError where the bytes were changed */
  open(sealed: Uint8Array): Buffer
}

export class UnknownKeyError extends Error {
  override readonly name = 'UnknownKeyError'
  constructor(keyId: string) {
    super(`No key with id ${keyId}: add the key that sealed this to ENC_KEY.`)
  }
}

/** The bytes aren't what seal() made: no key will open them. */
export class DamagedSealError extends Error {
  override readonly name = 'DamagedSealError'
}

/** A sealed box: version (1 byte), key id (4), nonce (12), authentication tag (16), ciphertext. */
const formatVersion = 1
const keyIdLength = 4
const nonceLength = 12
const tagLength = 16
const headerLength = 1 + keyIdLength + nonceLength + tagLength

/** @param secrets at least one; any text, the key is derived by HKDF-SHA256 (RFC 5869) */
export function createKeyRing(secrets: readonly string[]): KeyRing {
  const keys = secrets.map(deriveKey)
  const current = keys[0]
  if (current === undefined) throw new Error('A key ring needs at least one key.')
  return {
    currentKeyId: current.id.toString('hex'),
    seal: (plain) => seal(current, plain),
    open: (sealed) => open(keys, sealed),
  }
}

/** Seals a plain JSON value. */
export function sealJson(keys: KeyRing, value: unknown): Buffer {
  return keys.seal(Buffer.from(JSON.stringify(value)))
}

export function sealText(keys: KeyRing, text: string): Buffer {
  return keys.seal(Buffer.from(text))
}

export function openText(keys: KeyRing, sealed: Uint8Array): string {
  return keys.open(sealed).toString('utf8')
}

/** A keyed hash: tells two values apart in a log or a table without holding either. */
export type KeyedHash = (...parts: readonly (string | Uint8Array)[]) => string

/** HMAC-SHA256 in hex over length-prefixed parts, so that ('ab','c') and ('a','bc') differ. */
export function createKeyedHash(secret: string): KeyedHash {
  return (...parts) => {
    const hmac = createHmac('sha256', secret)
    for (const part of parts) {
      const bytes = typeof part === 'string' ? Buffer.from(part) : part
      hmac.update(`${bytes.length}:`).update(bytes)
    }
    return hmac.digest('hex')
  }
}

interface Key {
  readonly id: Buffer
  /** Version and key id: what every box of this key begins with. */
  readonly head: Buffer
  readonly secret: KeyObject
}

function deriveKey(secret: string): Key {
  const bytes = Buffer.from(hkdfSync('sha256', secret, '', 'triagem/encryption/v1', 32))
  const id = createHash('sha256').update('id').update(bytes).digest().subarray(0, keyIdLength)
  return {
    id,
    head: Buffer.concat([Buffer.of(formatVersion), id]),
    secret: createSecretKey(bytes),
  }
}

const nonces = Buffer.alloc(256 * nonceLength)
let noncesUsed = nonces.length

/** Random bytes cost the same by the thousand as by the dozen; each is given out once. */
function takeNonce(): Buffer {
  if (noncesUsed === nonces.length) {
    randomFillSync(nonces)
    noncesUsed = 0
  }
  noncesUsed += nonceLength
  return nonces.subarray(noncesUsed - nonceLength, noncesUsed)
}

function seal({ head, secret }: Key, plain: Uint8Array): Buffer {
  const nonce = takeNonce()
  const cipher = createCipheriv('aes-256-gcm', secret, nonce)
  cipher.setAAD(head)
  // GCM is a stream: final() adds nothing, but makes the tag.
  const body = cipher.update(plain)
  cipher.final()
  return Buffer.concat([head, nonce, cipher.getAuthTag(), body])
}

function open(keys: readonly Key[], sealed: Uint8Array): Buffer {
  const box = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength)
  if (box.length < headerLength || box[0] !== formatVersion)
    throw new DamagedSealError('Not a sealed value.')
  const id = box.subarray(1, 1 + keyIdLength)
  const key = keys.find((candidate) => candidate.id.equals(id))
  if (key === undefined) throw new UnknownKeyError(id.toString('hex'))
  const nonceEnd = 1 + keyIdLength + nonceLength
  const decipher = createDecipheriv(
    'aes-256-gcm',
    key.secret,
    box.subarray(1 + keyIdLength, nonceEnd),
  )
  decipher.setAAD(box.subarray(0, 1 + keyIdLength))
  decipher.setAuthTag(box.subarray(nonceEnd, headerLength))
  try {
    return Buffer.concat([decipher.update(box.subarray(headerLength)), decipher.final()])
  } catch (error) {
    throw new DamagedSealError('A sealed value was changed.', { cause: error })
  }
}
