import pg from 'pg'

/**
 * Makes one call of what is asked for while a call is under way: under load the calls grow instead of their
 * number, and a lone one waits for nobody.
 *
 * @param write gives a result for each item, in their order, all or none of them. Where the database refuses
 *   a call of several, each of them is tried by itself, so that one bad item is nobody else's failure
 * @returns settles as the item's own part of its call does
 */
export function createBatchWriter<Item, Result>(
  write: (items: readonly Item[]) => Promise<readonly Result[]>,
  { atOnce = 100 }: { readonly atOnce?: number } = {},
): (item: Item) => Promise<Result> {
  const waiting: Waiting<Item, Result>[] = []
  let writing = false

  async function writeAll(): Promise<void> {
    while (waiting.length > 0) await writeSome(write, waiting.splice(0, atOnce))
    // In the same turn as the last look: what comes later finds nobody writing.
    writing = false
  }

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject })
      if (writing) return
      writing = true
      void writeAll()
    })
}

interface Waiting<Item, Result> {
  readonly item: Item
  readonly resolve: (result: Result) => void
  readonly reject: (error: unknown) => void
}

/** Never rejects. */
async function writeSome<Item, Result>(
  write: (items: readonly Item[]) => Promise<readonly Result[]>,
  some: readonly Waiting<Item, Result>[],
): Promise<void> {
  try {
    const results = await write(some.map(({ item }) => item))
    if (results.length !== some.length) throw new Error('A batch was answered in part.')
    for (const [place, { resolve }] of some.entries()) resolve(results[place] as Result)
  } catch (error) {
    if (some.length > 1 && wasRefused(error)) for (const one of some) await writeSome(write, [one])
    else for (const { reject } of some) reject(error)
  }
}

/** The server said no to the statement, so nothing of it was written; what broke on the way may have been. */
const wasRefused = (error: unknown): boolean =>
  error instanceof pg.DatabaseError && /^(2|4)/.test(error.code ?? '')
