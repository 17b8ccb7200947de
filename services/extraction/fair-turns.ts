/** A bound on what runs at once, in which callers take turns: many requests of one caller wait behind each other. */
export interface FairTurns {
  readonly waiting: number
  readonly running: number
  /**
   * Does the work when its caller's turn comes, after what that caller asked for before.
   *
   * @param signal takes it out of the line, and the promise is rejected with its reason; work that has begun it leaves alone
   */
  run<T>(caller: string, signal: AbortSignal, work: () => Promise<T>): Promise<T>
}

/** @param onChange called after each change of `waiting` or `running` */
export function createFairTurns(
  maxAtOnce: number,
  onChange: (turns: FairTurns) => void = () => undefined,
): FairTurns {
  /** The caller whose turn is next comes first; nobody stays here without a line. */
  const lines = new Map<string, Set<() => void>>()
  let waiting = 0
  let running = 0

  function comeIn(caller: string, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted()
      const leave = () => {
        remove(caller, begin)
        onChange(turns)
        reject(signal.reason as Error)
      }
      const begin = () => {
        signal.removeEventListener('abort', leave)
        resolve()
      }
      signal.addEventListener('abort', leave, { once: true })
      lines.set(caller, (lines.get(caller) ?? new Set()).add(begin))
      waiting++
      beginNext()
    })
  }

  function remove(caller: string, begin: () => void): void {
    const line = lines.get(caller)
    if (line?.delete(begin) !== true) return
    if (line.size === 0) lines.delete(caller)
    waiting--
  }

  /** Every other caller comes before this one again. */
  function goToTheEnd(caller: string): void {
    const line = lines.get(caller)
    if (line !== undefined && lines.delete(caller)) lines.set(caller, line)
  }

  function beginNext(): void {
    const [first] = lines
    if (first !== undefined && running < maxAtOnce) {
      const [caller, line] = first
      const [begin = () => undefined] = line
      remove(caller, begin)
      goToTheEnd(caller)
      running++
      begin()
    }
    onChange(turns)
  }

  const turns: FairTurns = {
    get waiting() {
      return waiting
    },
    get running() {
      return running
    },
    run: async (caller, signal, work) => {
      await comeIn(caller, signal)
      try {
        return await work()
      } finally {
        running--
        goToTheEnd(caller)
        beginNext()
      }
    },
  }
  return turns
}
