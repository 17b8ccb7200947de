/** Something that a bench needs is not there: its message is one sentence that says what to do. */
export class BenchSetUpError extends Error {
  override readonly name = 'BenchSetUpError'
}
