/** Runs a task when its turn has come. */
export type Gate = <T>(task: () => Promise<T>) => Promise<T>

/**
 * Lets few tasks run at once; the others wait in the order of their coming.
 *
 * @param refusal what is thrown where `maxWaiting` wait already
 */
export function createGate({
  atOnce,
  maxWaiting,
  refusal,
}: {
  readonly atOnce: number
  readonly maxWaiting: number
  readonly refusal: () => Error
}): Gate {
  const waiting: (() => void)[] = []
  let running = 0
  const enter = async (): Promise<void> => {
    if (running < atOnce) {
      running++
      return
    }
    if (waiting.length >= maxWaiting) throw refusal()
    // Whoever leaves hands its place on: `running` stays.
    await new Promise<void>((resolve) => waiting.push(resolve))
  }
  const leave = (): void => {
    const next = waiting.shift()
    if (next === undefined) running--
    else next()
  }
  return async (task) => {
    await enter()
    try {
      return await task()
    } finally {
      leave()
    }
  }
}
