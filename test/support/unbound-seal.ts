import { createCipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto'
import { asSealed, type Sealed } from '../../db/sealed.js'

/** Seals as versions of the product did that bound no seal to its place: box format version 1. */
export function sealUnbound(secret: string, text: string): Sealed {
  const key = Buffer.from(hkdfSync('sha256', secret, '', 'triagem/encryption/v1', 32))
  const keyId = createHash('sha256').update('id').update(key).digest().subarray(0, 4)
  const head = Buffer.concat([Buffer.of(1), keyId])
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  cipher.setAAD(head)
  const body = Buffer.concat([cipher.update(text), cipher.final()])
  return asSealed(Buffer.concat([head, nonce, cipher.getAuthTag(), body]))
}
