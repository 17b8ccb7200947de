import type { Logger } from 'pino'
import type { OpenDatabase } from '../../db/database.js'
import { modelsChannel } from '../../db/models.js'
import { openNotifications } from '../../db/notifications.js'
import type { ModelSlot } from './model-slot.js'

export interface CurrentModels {
  close(): Promise<void>
}

export interface OpenCurrentModelsInput {
  readonly database: Pick<OpenDatabase, 'db' | 'embedded' | 'url'>
  readonly log: Logger
  /** Kept up to date from now on. */
  readonly slots: readonly ModelSlot<unknown>[]
  /** Makes good a notification that was lost. */
  readonly rereadMs?: number
}

const defaultRereadMs = 60_000

/**
 * Keeps a process's models the ones that are current: told by NOTIFY within moments, and by looking
 * again once a minute and whenever it listens anew, because a notification is a hint that may be lost.
 *
 * @returns once it has looked; a database that is away is waited for in the background
 */
export async function openCurrentModels(input: OpenCurrentModelsInput): Promise<CurrentModels> {
  const { database, log, slots, rereadMs = defaultRereadMs } = input
  const refreshAll = async () => {
    try {
      for (const slot of slots) await slot.refresh(database.db, log)
    } catch (error) {
      log.warn({ err: error }, 'Which models are current could not be read; it is tried again.')
    }
  }
  const refresh = oneAtATime(refreshAll)
  const notifications = await openNotifications(database, [modelsChannel], {
    onNotification: () => void refresh(),
    onListening: () => void refresh(),
    onError: (error) => log.warn({ err: error }, 'News of models are not heard for a moment.'),
  })
  await refresh()
  const timer = setInterval(() => void refresh(), rereadMs)
  timer.unref()
  return {
    close: async () => {
      clearInterval(timer)
      await notifications.close()
      await refresh.idle()
    },
  }
}

/** What is asked for while it runs is done once more after it, so that no news is missed. */
function oneAtATime(work: () => Promise<void>) {
  let running: Promise<void> | undefined
  let next: Promise<void> | undefined
  const run = (): Promise<void> => {
    if (running === undefined) {
      running = work().finally(() => (running = undefined))
      return running
    }
    next ??= running.then(() => {
      next = undefined
      return run()
    })
    return next
  }
  return Object.assign(run, { idle: () => next ?? running ?? Promise.resolve() })
}
