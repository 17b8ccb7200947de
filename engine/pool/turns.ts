/** Lets work begin in the order of asking, so many at once; who gives up waiting leaves the queue. */
export type Turns = <T>(work: () => Promise<T>, signal?: AbortSignal) => Promise<T>

export function createTurns(atOnce: number): Turns {
  const waiting = new Set<() => void>()
  let running = 0

  const waitForTurn = (signal: AbortSignal | undefined) =>
    new Promise<void>((resolve, reject) => {
      const begin = () => {
        signal?.removeEventListener('abort', giveUp)
        resolve()
      }
      const giveUp = () => {
        waiting.delete(begin)
        reject(new DOMException('Ended before its turn came.', 'AbortError'))
      }
      signal?.addEventListener('abort', giveUp, { once: true })
      waiting.add(begin)
    })

  return async (work, signal) => {
    signal?.throwIfAborted()
    if (running < atOnce) running++
    else await waitForTurn(signal)
    try {
      return await work()
    } finally {
      const [next] = waiting
      // The turn is handed on, so that nobody who asks meanwhile comes in between.
      if (next === undefined) running--
      else {
        waiting.delete(next)
        next()
      }
    }
  }
}
