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
import type { SealPlace } from './seal-places.js'
import { asSealed, type Sealed } from './sealed.js'

/**
 * AES-256-GCM over a list of keys: the first writes, all read, so a key can be replaced while what
 * it sealed is still there. It seals what rests in PostgreSQL and what passes through Temporal.
 * What is sealed for one place does not open at another. What was sealed before places were known
 * (version 1) opens at every place, so two such values can still be swapped; all new ones are bound.
 */
export interface KeyRing {
  /** Id of the key that writes; not secret. */
  readonly currentKeyId: string
  /** Ids of all keys that open, the current one first; not secret. */
  readonly keyIds: readonly string[]
  seal(plain: Uint8Array, place: SealPlace): Sealed
  /**
   * @throws UnknownKeyError for a key that is not in the ring; DamagedSealError where the bytes were changed
   *   or belong to another place
   */
  open(sealed: Sealed, place: SealPlace): Buffer
}

export class UnknownKeyError extends Error {
  override readonly name = 'UnknownKeyError'
  constructor(readonly keyId: string) {
    super(`No key with id ${keyId}: add the key that sealed this to ENC_KEY.`)
  }
}

/** The bytes aren't what seal() made for this place: no key will open them here. */
export class DamagedSealError extends Error {
  override readonly name = 'DamagedSealError'
}

/**
 * A sealed box: version (1 byte), key id (4), nonce (12), authentication tag (16), ciphertext. The tag also
 * covers version and key id and, from version 2 on, the place.
 */
const unboundVersion = 1
const boundVersion = 2
const keyIdLength = 4
/** As AES-GCM wants it. */
const nonceLength = 12
const tagLength = 16
const headerLength = 1 + keyIdLength + nonceLength + tagLength

/** Of more unknown keys nobody is told: there are a few at most, unless somebody makes them up. */
const maxUnknownKeys = 100

/**
 * @param secrets at least one; any text, the key is derived by HKDF-SHA256 (RFC 5869)
 * @param onUnknownKey told once of the id of each key that is asked for and isn't in the ring
 */
export function createKeyRing(
  secrets: readonly string[],
  onUnknownKey: (keyId: string) => void = () => undefined,
): KeyRing {
  const keys = secrets.map(deriveKey)
  const unknown = new Set<string>()
  const refuse = (keyId: string): UnknownKeyError => {
    if (!unknown.has(keyId) && unknown.size < maxUnknownKeys) {
      unknown.add(keyId)
      onUnknownKey(keyId)
    }
    return new UnknownKeyError(keyId)
  }
  const current = keys[0]
  if (current === undefined) throw new Error('A key ring needs at least one key.')
  return {
    currentKeyId: current.id.toString('hex'),
    keyIds: keys.map(({ id }) => id.toString('hex')),
    seal: (plain, place) => seal(current, plain, place),
    open: (sealed, place) => open(keys, sealed, place, refuse),
  }
}

/** Seals a plain JSON value. */
export function sealJson(keys: KeyRing, value: unknown, place: SealPlace): Sealed {
  return keys.seal(Buffer.from(JSON.stringify(value)), place)
}

export function sealText(keys: KeyRing, text: string, place: SealPlace): Sealed {
  return keys.seal(Buffer.from(text), place)
}

/** @throws as KeyRing.open() */
export function openText(keys: KeyRing, sealed: Sealed, place: SealPlace): string {
  return keys.open(sealed, place).toString('utf8')
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
  /** Version and key id: what every new box of this key begins with. */
  readonly head: Buffer
  /** The same as text: what the tag covers beside the place. */
  readonly headText: string
  readonly secret: KeyObject
}

function deriveKey(secret: string): Key {
  const bytes = Buffer.from(hkdfSync('sha256', secret, '', 'triagem/encryption/v1', 32))
  const id = createHash('sha256').update('id').update(bytes).digest().subarray(0, keyIdLength)
  return {
    id,
    head: Buffer.concat([Buffer.of(boundVersion), id]),
    headText: `${boundVersion}/${id.toString('hex')}/`,
    secret: createSecretKey(bytes),
  }
}

function seal(key: Key, plain: Uint8Array, place: SealPlace): Sealed {
  const nonce = takeNonce()
  const cipher = createCipheriv('aes-256-gcm', key.secret, nonce)
  cipher.setAAD(bindTo(key, place))
  // GCM is a stream: final() adds no bytes, but makes the tag here, and checks it in open().
  const body = cipher.update(plain)
  cipher.final()
  return asSealed(Buffer.concat([key.head, nonce, cipher.getAuthTag(), body]))
}

function open(
  keys: readonly Key[],
  box: Sealed,
  place: SealPlace,
  refuse: (keyId: string) => UnknownKeyError,
): Buffer {
  const version = box[0]
  if (box.length < headerLength || (version !== unboundVersion && version !== boundVersion))
    throw new DamagedSealError('Not a sealed value.')
  const id = box.subarray(1, 1 + keyIdLength)
  const key = keys.find((candidate) => candidate.id.equals(id))
  if (key === undefined) throw refuse(id.toString('hex'))
  const nonceEnd = 1 + keyIdLength + nonceLength
  const decipher = createDecipheriv(
    'aes-256-gcm',
    key.secret,
    box.subarray(1 + keyIdLength, nonceEnd),
  )
  decipher.setAAD(version === boundVersion ? bindTo(key, place) : box.subarray(0, 1 + keyIdLength))
  decipher.setAuthTag(box.subarray(nonceEnd, headerLength))
  try {
    const plain = decipher.update(box.subarray(headerLength))
    decipher.final()
    return plain
  } catch (error) {
    throw new DamagedSealError(
      `A sealed value was changed, or was moved to ${place.table}.${place.column} from another row or column.`,
      { cause: error },
    )
  }
}

/** What the tag covers. Each part follows its length, so that no two places give the same bytes. */
function bindTo({ headText }: Key, { table, column, row }: SealPlace): Buffer {
  return Buffer.from(
    `${headText}${table.length}:${table}${column.length}:${column}${row.length}:${row}`,
  )
}

const nonces = Buffer.alloc(256 * nonceLength)
let noncesUsed = nonces.length

/**
 * Random bytes for one seal, given out once. They are made for 256 seals at a time, for that costs as much as
 * making them for one.
 */
function takeNonce(): Buffer {
  if (noncesUsed === nonces.length) {
    randomFillSync(nonces)
    noncesUsed = 0
  }
  noncesUsed += nonceLength
  return nonces.subarray(noncesUsed - nonceLength, noncesUsed)
}
