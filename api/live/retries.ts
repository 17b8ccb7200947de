/** What is tried again with a pause that grows each time, up to a minute at the usual tick. */
export interface Retries<Id> {
  has(id: Id): boolean
  /** Tried again once its pause is over: the first one lasts a tick, each further one twice as long. */
  plan(id: Id): void
  forget(id: Id): void
  /** Those whose pause is over: once each. Whatever fails again is planned again. */
  takeDue(): readonly Id[]
}

const maxPauseTicks = 64

export function createRetries<Id>(tickMs: number): Retries<Id> {
  const planned = new Map<Id, { pauseMs: number; dueAtMs: number | undefined }>()
  return {
    has: (id) => planned.has(id),
    plan: (id) => {
      const before = planned.get(id)
      // It waits already.
      if (before?.dueAtMs !== undefined) return
      const pauseMs =
        before === undefined ? tickMs : Math.min(before.pauseMs * 2, maxPauseTicks * tickMs)
      planned.set(id, { pauseMs, dueAtMs: Date.now() + pauseMs })
    },
    forget: (id) => {
      planned.delete(id)
    },
    takeDue: () => {
      const now = Date.now()
      const due = [...planned].filter(([, { dueAtMs }]) => dueAtMs !== undefined && dueAtMs <= now)
      for (const [, retry] of due) retry.dueAtMs = undefined
      return due.map(([id]) => id)
    },
  }
}
