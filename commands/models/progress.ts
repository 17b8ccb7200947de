/** So often a line at most: a log stays readable, and a person sees that something moves. */
const pauseMs = 3_000

/** Gives the function that tells how far long work is: the first time at once, then a line every three seconds at most. */
export function createProgress(
  tell: (line: string) => void,
  now: () => number = Date.now,
): (message: string, share: number) => void {
  let toldAt = -Infinity
  return (message, share) => {
    if (now() - toldAt < pauseMs) return
    toldAt = now()
    tell(`${String(Math.floor(share * 100)).padStart(3)} %  ${message}`)
  }
}
