const defaultMaxBatchSize = 500

/**
 * Reads things by id in batches: what is asked for in the same turn, or while a batch is being read, goes
 * into the next batch.
 *
 * @param readBatch must not reject
 */
export function createBatchReader<Id>(
  readBatch: (ids: readonly Id[]) => Promise<void>,
  { maxBatchSize = defaultMaxBatchSize }: { readonly maxBatchSize?: number } = {},
): { readonly read: (id: Id) => void; readonly clear: () => void } {
  const waiting = new Set<Id>()
  let isReading = false

  async function readAll(): Promise<void> {
    isReading = true
    // Sockets that open in the same turn share one statement.
    await Promise.resolve()
    while (waiting.size > 0) {
      const ids = [...waiting].slice(0, maxBatchSize)
      for (const id of ids) waiting.delete(id)
      await readBatch(ids)
    }
    // No await since the last look at `waiting`: an id that is added later starts a new run.
    isReading = false
  }

  return {
    read: (id) => {
      waiting.add(id)
      if (!isReading) void readAll()
    },
    clear: () => waiting.clear(),
  }
}
