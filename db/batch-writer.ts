import pg from 'pg'
import { createWorkLoop } from './work-loop.js'

/**
 * Makes one call of all that is asked for while a call is under way (see work-loop.ts). A lone item waits for
 * nobody.
 *
 * @param write gives a result for each item, in their order, for all or none of them. Where the database
 *   refuses a call of several items, each is tried by itself, so that a bad one fails alone
 * @returns settles with the item's own result
 */
export function createBatchWriter<Item, Result>(
  write: (items: readonly Item[]) => Promise<readonly Result[]>,
  { atOnce = 100 }: { readonly atOnce?: number } = {},
): (item: Item) => Promise<Result> {
  const waiting: Waiting<Item, Result>[] = []
  const wake = createWorkLoop({
    hasWork: () => waiting.length > 0,
    work: () => writeSome(write, waiting.splice(0, atOnce)),
  })
  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject })
      wake()
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

/** The server refused the statement, so nothing was written. After a broken connection nobody knows that. */
const wasRefused = (error: unknown): boolean =>
  error instanceof pg.DatabaseError && /^(2|4)/.test(error.code ?? '')
