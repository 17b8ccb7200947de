const mostRemembered = 10_000

/** A pure function that remembers what it gave, for up to ten thousand texts. */
export function remember<Result>(find: (text: string) => Result): (text: string) => Result {
  const known = new Map<string, Result>()
  return (text) => {
    const before = known.get(text)
    if (before !== undefined) return before
    const result = find(text)
    // What comes from outside must not fill the memory.
    if (known.size >= mostRemembered) known.clear()
    known.set(text, result)
    return result
  }
}
