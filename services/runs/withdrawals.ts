import { setTimeout as delay } from 'node:timers/promises'
import type { Db } from '../../db/database.js'
import { type IdempotencyKey, releaseIdempotencyKey } from '../../db/idempotency.js'
import { deleteRun, lockUnstartedRun } from '../../db/runs.js'

/** A run of which its caller was told that it isn't accepted. */
export interface Withdrawal {
  readonly id: string
  readonly idempotencyKey: IdempotencyKey | undefined
}

/** Takes back what a database that didn't answer in time may carry out yet. */
export interface Withdrawals {
  add(withdrawal: Withdrawal): void
  /** Gives up what is left: at the end of the process. */
  close(): void
}

export interface WithdrawalsInput {
  readonly db: Db
  readonly retryMs?: number
  /** For how long after the database answers again the late statement may still come. */
  readonly settleMs?: number
}

const defaultRetryMs = 1_000
/**
 * A statement that a database took before it froze is carried out at once when it goes on. The sweeper would start the
 * row after 60 s: by then it is gone.
 */
const defaultSettleMs = 10_000

/**
 * After a time-out nobody knows whether a row was written, and a frozen database writes it after the answer "nothing
 * was accepted". So that the answer is true the row is taken back as soon as it is there.
 */
export function createWithdrawals({
  db,
  retryMs = defaultRetryMs,
  settleMs = defaultSettleMs,
}: WithdrawalsInput): Withdrawals {
  const closing = new AbortController()

  const withdraw = async (withdrawal: Withdrawal): Promise<void> => {
    let answeredSinceMs: number | undefined
    while (!closing.signal.aborted) {
      const isTakenBack = await takeBack(db, withdrawal).catch(() => undefined)
      if (isTakenBack === true) return
      if (isTakenBack === false) {
        answeredSinceMs ??= performance.now()
        if (performance.now() - answeredSinceMs > settleMs) return
      }
      await delay(retryMs, undefined, { signal: closing.signal }).catch(() => undefined)
    }
  }
  return {
    add: (withdrawal) => void withdraw(withdrawal),
    close: () => closing.abort(),
  }
}

/**
 * Removes a run that nobody has begun, as if it had never been asked for.
 *
 * @returns false where it isn't there, is at work, or another caller was given it meanwhile
 */
export async function takeBack(db: Db, { id, idempotencyKey }: Withdrawal): Promise<boolean> {
  return await db.transaction().execute(async (trx) => {
    if (!(await lockUnstartedRun(trx, id))) return false
    if (idempotencyKey !== undefined && !(await releaseIdempotencyKey(trx, idempotencyKey)))
      return false
    await deleteRun(trx, id)
    return true
  })
}
