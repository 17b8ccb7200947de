import { createWorkLoop } from '../../db/work-loop.js'

const defaultMaxBatchSize = 500

/**
 * Reads things by id in batches: what is asked for in the same turn, or while a batch is under way, goes
 * into the next one.
 *
 * @param readBatch must not reject
 */
export function createBatchReader<Id>(
  readBatch: (ids: readonly Id[]) => Promise<void>,
  { maxBatchSize = defaultMaxBatchSize }: { readonly maxBatchSize?: number } = {},
): { readonly read: (id: Id) => void; readonly clear: () => void } {
  const waiting = new Set<Id>()
  const wake = createWorkLoop({
    hasWork: () => waiting.size > 0,
    work: async () => {
      const ids = [...waiting].slice(0, maxBatchSize)
      for (const id of ids) waiting.delete(id)
      await readBatch(ids)
    },
  })
  return {
    read: (id) => {
      waiting.add(id)
      // Not at once, so that the sockets that open in the same turn share a statement.
      queueMicrotask(wake)
    },
    clear: () => waiting.clear(),
  }
}
