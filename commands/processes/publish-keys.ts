import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { ConfigError } from '../../config/values.js'
import { listUnfitParts, publishProcess, withdrawProcess } from '../../db/processes.js'
import type { Dependencies } from './dependencies.js'
import type { Lifecycle } from './lifecycle.js'

const publishEveryMs = 10_000
/** A database that is away must not hold up the end: others forget this process by themselves. */
const withdrawTimeoutMs = 1_000

/**
 * Tells the other processes on a database which keys this one can open, until it closes. On a database of its own
 * there are no others.
 *
 * @throws ConfigError where another process that runs could not open what this one would seal, or this one what that one seals
 */
export async function publishKeys(
  lifecycle: Lifecycle,
  part: string,
  { database, keys, log }: Pick<Dependencies, 'database' | 'keys' | 'log'>,
): Promise<void> {
  const { db, embedded } = database
  if (embedded !== undefined) return
  const process = { id: randomUUID(), part, keyIds: keys.keyIds }
  const publish = () =>
    publishProcess(db, process).catch((error: unknown) =>
      log.warn({ err: error }, 'The key ids of this process could not be published.'),
    )
  let publishing = publish()
  const timer = setInterval(() => {
    publishing = publish()
  }, publishEveryMs)
  lifecycle.opened('publication of key ids', timer, async () => {
    clearInterval(timer)
    const withdraw = publishing.then(() => withdrawProcess(db, process.id)).catch(() => undefined)
    await Promise.race([withdraw, delay(withdrawTimeoutMs, undefined, { ref: false })])
  })
  // Published before it looks: of two that start at once and don't fit, the later one at least sees the other.
  await publishing
  await refuseUnfit(db, keys.keyIds, log)
}

async function refuseUnfit(
  db: Dependencies['database']['db'],
  keyIds: readonly string[],
  log: Dependencies['log'],
): Promise<void> {
  const unfit = await listUnfitParts(db, keyIds).catch((error: unknown) => {
    log.warn({ err: error }, 'The keys of the other processes could not be read.')
    return { cannotOpen: [], cannotBeOpened: [] }
  })
  const whatToDo =
    'First add the new key as the last of ENC_KEY everywhere and restart each process; then put it first. A process that was killed counts for 60 s.'
  if (unfit.cannotOpen.length > 0)
    throw new ConfigError(
      `ENC_KEY begins with a key that other running processes lack (${unfit.cannotOpen.join(', ')}): they could not open what this one seals. ${whatToDo}`,
    )
  if (unfit.cannotBeOpened.length > 0)
    throw new ConfigError(
      `ENC_KEY lacks the key that other running processes seal with (${unfit.cannotBeOpened.join(', ')}): this one could not open it. ${whatToDo}`,
    )
}
