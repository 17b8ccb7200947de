/**
 * Reads things by id in batches: what is asked for in the same turn, or while a batch is under way, goes
 * into the next one.
 *
 * @param readBatch must not reject
 */
export function createBatchReader<Id>(
  readBatch: (ids: readonly Id[]) => Promise<void>,
  { atOnce = 500 }: { readonly atOnce?: number } = {},
): { readonly read: (id: Id) => void; readonly clear: () => void } {
  const waiting = new Set<Id>()
  let reading = false

  async function readAll(): Promise<void> {
    reading = true
    // The sockets that open in the same turn share one statement.
    await Promise.resolve()
    while (waiting.size > 0) {
      const ids = [...waiting].slice(0, atOnce)
      for (const id of ids) waiting.delete(id)
      await readBatch(ids)
    }
    // In the same turn as the last look at what waits: what is added later finds nobody reading.
    reading = false
  }

  return {
    read: (id) => {
      waiting.add(id)
      if (!reading) void readAll()
    },
    clear: () => waiting.clear(),
  }
}
