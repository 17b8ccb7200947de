import { compare, genSaltSync, hash } from 'bcrypt'
import PQueue from 'p-queue'
import { Refusal } from '../refusal.js'

/** bcrypt off the event loop, a few at once. */
export interface Passwords {
  /** @throws PasswordsBusyError */
  hash(password: string): Promise<string>
  /** With undefined it takes as long and gives false. @throws PasswordsBusyError */
  verify(password: string, hash: string | undefined): Promise<boolean>
}

/** Too many wait already: one more would wait too long. */
export class PasswordsBusyError extends Refusal<'busy'> {
  override readonly name = 'PasswordsBusyError'
  constructor() {
    super('busy', { message: 'Too many passwords are being checked.' })
  }
}

const defaultCost = 10
/** A check takes some 60 ms, so the last one waits two seconds. */
const maxWaiting = 32
const minCharacters = 8
/** bcrypt ignores what is longer, and it stops at a NUL. */
const maxBytes = 72

/**
 * @param cost of bcrypt: one more doubles the time
 * @param atOnce how many threads it may take from everything else
 */
export function createPasswords({
  cost = defaultCost,
  atOnce = 1,
}: { readonly cost?: number; readonly atOnce?: number } = {}): Passwords {
  const queue = new PQueue({ concurrency: atOnce })
  const inTurn = async <T>(task: () => Promise<T>): Promise<T> => {
    if (queue.size >= maxWaiting) throw new PasswordsBusyError()
    return await queue.add(task)
  }
  // No password has this hash, but to find that out takes as long as with a real one.
  const nobodys = `${genSaltSync(cost)}${'.'.repeat(31)}`
  return {
    hash: (password) => inTurn(() => hash(password, cost)),
    verify: (password, known) =>
      inTurn(async () => {
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
