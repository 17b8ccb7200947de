/** Keeps the few values that were asked for last. */
export interface LeastRecentlyUsed<T> {
  /** @param make makes a value that isn't there; one that throws or rejects is not kept */
  get(key: string, make: () => T): T
}

export function createLeastRecentlyUsed<T>(capacity: number): LeastRecentlyUsed<T> {
  const values = new Map<string, T>()
  return {
    get: (key, make) => {
      const value = values.get(key) ?? make()
      // A Map lists in the order of insertion.
      values.delete(key)
      values.set(key, value)
      if (value instanceof Promise) value.catch(() => values.delete(key))
      for (const oldest of values.keys()) {
        if (values.size <= capacity) break
        values.delete(oldest)
      }
      return value
    },
  }
}
