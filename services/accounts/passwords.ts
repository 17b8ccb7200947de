import { compare, genSaltSync, hash } from 'bcrypt'
import { Refusal } from '../refusal.js'
import { createGate } from './gate.js'

/** bcrypt off the event loop, few at once. */
export interface Passwords {
  /** @throws PasswordsBusyError */
  hash(password: string): Promise<string>
  /** With undefined it takes as long and gives false. @throws PasswordsBusyError */
  verify(password: string, hash: string | undefined): Promise<boolean>
}

/** So many wait already that this one would wait too long. */
export class PasswordsBusyError extends Refusal<'busy'> {
  override readonly name = 'PasswordsBusyError'
  constructor() {
    super('busy', { message: 'Too many passwords are being checked.' })
  }
}

const defaultCost = 10
/** At some 60 ms each, the last one waits two seconds. */
const maxWaiting = 32
const minCharacters = 8
/** bcrypt reads no further, and it stops at a NUL. */
const maxBytes = 72

/**
 * @param cost of bcrypt: each one more doubles the time
 * @param atOnce how many threads it may take from everything else
 */
export function createPasswords({
  cost = defaultCost,
  atOnce = 1,
}: { readonly cost?: number; readonly atOnce?: number } = {}): Passwords {
  const gate = createGate({ atOnce, maxWaiting, refusal: () => new PasswordsBusyError() })
  // No password gives this, but finding that out takes as long as with a real one.
  const nobodys = `${genSaltSync(cost)}${'.'.repeat(31)}`
  return {
    hash: (password) => gate(() => hash(password, cost)),
    verify: (password, known) =>
      gate(async () => {
        const usable = known !== undefined && checkPassword(password) === 'ok'
        return (await compare(password, usable ? known : nobodys)) && usable
      }),
  }
}

/** What is wrong with a password, for whoever chooses one. */
export function checkPassword(password: string): 'ok' | 'too_short' | 'too_long' | 'has_nul' {
  if (password.includes('\0')) return 'has_nul'
  if (Buffer.byteLength(password) > maxBytes) return 'too_long'
  return Array.from(password).length < minCharacters ? 'too_short' : 'ok'
}
