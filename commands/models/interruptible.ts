/** What a shell expects of a process that Ctrl-C ended: 128 + SIGINT. */
const interruptedCode = 130

/**
 * Runs long work that Ctrl-C (or SIGTERM) ends: the signal aborts, the work rejects, and what it opened is closed on its way out.
 * @returns the exit code, the work's own or 130
 */
export async function interruptible(
  work: (signal: AbortSignal) => Promise<number>,
  tell: (line: string) => void,
): Promise<number> {
  const controller = new AbortController()
  const interrupt = () => controller.abort()
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt)
  try {
    return await work(controller.signal)
  } catch (error) {
    if (!controller.signal.aborted) throw error
    tell('Interrupted: nothing was kept.')
    return interruptedCode
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt)
  }
}
