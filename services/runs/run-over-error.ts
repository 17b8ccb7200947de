/** Somebody ended or removed the run while it was being worked on: there is nothing left to do. */
export class RunOverError extends Error {
  override readonly name = 'RunOverError'
  constructor() {
    super('The run is over.')
  }
}
