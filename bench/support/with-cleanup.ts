/** Runs after the work, last given first. */
export type Later = (close: () => Promise<unknown>) => void

/** Does some work and closes what it opened, also where it fails. */
export async function withCleanup<T>(work: (later: Later) => Promise<T>): Promise<T> {
  const closes: (() => Promise<unknown>)[] = []
  try {
    return await work((close) => closes.push(close))
  } finally {
    for (const close of closes.reverse())
      await close().catch((error: unknown) => console.error('Closing failed:', error))
  }
}
