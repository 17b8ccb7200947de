/**
 * Makes a loop for work that gathers while it is done: one piece is under way at a time, and what comes
 * meanwhile waits for the next. So under load the pieces grow instead of their number.
 *
 * @param hasWork whether something waits
 * @param work takes what waits, or a part of it, and does it; must not reject
 * @returns starts the loop; does nothing while it runs, for it looks again after each piece
 */
export function createWorkLoop({
  hasWork,
  work,
}: {
  readonly hasWork: () => boolean
  readonly work: () => Promise<void>
}): () => void {
  let isRunning = false

  async function run(): Promise<void> {
    isRunning = true
    while (hasWork()) await work()
    // No await between the last look and this, so nothing can be added unseen.
    isRunning = false
  }

  return () => {
    if (!isRunning) void run()
  }
}
