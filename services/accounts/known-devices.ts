import { randomBytes, timingSafeEqual } from 'node:crypto'
import type { KeyedHash } from '../../db/key-ring.js'

/**
 * Devices on which somebody signed in before. Each keeps a pass: for each of the last accounts a random id of
 * its own, when the pass ends, and our keyed hash of both for that account. Nothing of it is stored here.
 */
export interface KnownDevices {
  /** @returns the device's id, where its pass is good for this account */
  find(pass: string | undefined, usernameKey: string): string | undefined
  /** Renews a pass for an account that signed in. What the pass holds of others stays. */
  renew(pass: string | undefined, usernameKey: string): string
}

export const deviceDays = 180
/** Of one shared device. */
const maxAccounts = 8
const maxPassLength = 2_048
const dayMs = 86_400_000
/** Between an entry's parts and between entries: in no base64url, hexadecimal or decimal. */
const [partMark, entryMark] = ['.', '~']

interface Entry {
  readonly id: string
  readonly endsAt: string
  readonly signature: string
}

export function createKnownDevices({
  hash,
  now = () => new Date(),
}: {
  readonly hash: KeyedHash
  readonly now?: () => Date
}): KnownDevices {
  const sign = (usernameKey: string, id: string, endsAt: string) =>
    hash('known-device', usernameKey, id, endsAt)
  const read = (pass = ''): Entry[] =>
    (pass.length > maxPassLength ? '' : pass)
      .split(entryMark)
      .map((entry) => {
        const [id = '', endsAt = '', signature = ''] = entry.split(partMark)
        return { id, endsAt, signature }
      })
      .filter(({ endsAt }) => Number(endsAt) > now().getTime())
      .slice(0, maxAccounts)
  const findEntry = (entries: readonly Entry[], usernameKey: string) =>
    entries.find(({ id, endsAt, signature }) => isEqual(signature, sign(usernameKey, id, endsAt)))
  return {
    find: (pass, usernameKey) => findEntry(read(pass), usernameKey)?.id,
    renew: (pass, usernameKey) => {
      const entries = read(pass)
      const known = findEntry(entries, usernameKey)
      const id = known?.id ?? randomBytes(12).toString('base64url')
      const endsAt = String(now().getTime() + deviceDays * dayMs)
      const renewed = { id, endsAt, signature: sign(usernameKey, id, endsAt) }
      return [renewed, ...entries.filter((entry) => entry !== known)]
        .slice(0, maxAccounts)
        .map((entry) => [entry.id, entry.endsAt, entry.signature].join(partMark))
        .join(entryMark)
    },
  }
}

function isEqual(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)]
  return left.length === right.length && timingSafeEqual(left, right)
}
