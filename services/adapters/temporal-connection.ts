import { Connection, defaultGrpcRetryOptions, makeGrpcRetryInterceptor } from '@temporalio/client'

/** The SDK's own reach seconds, and it waits one out even when the call's deadline passes meanwhile. */
const maxPauseMs = 250

/**
 * Connects to a Temporal server, lazily: one that is away is met by the first call, which the SDK tries
 * again until its deadline or ten times, whichever comes first.
 */
export function connectToTemporal(address: string): Connection {
  const { delayFunction, retryableDecider } = defaultGrpcRetryOptions()
  const retry = makeGrpcRetryInterceptor({
    delayFunction: (attempt, status) => Math.min(delayFunction(attempt, status), maxPauseMs),
    retryableDecider,
  })
  return UntracedConnection.lazy({ address, interceptors: [retry] })
}

/**
 * The SDK hands a call's deadline down in an AsyncLocalStorage. From its first use on, Node (up to 22) follows
 * every promise of the process, whatever it is for, which showed in every profile of the API: so it is
 * switched off whenever no call is under way.
 */
class UntracedConnection extends Connection {
  private underWay = 0

  override async withDeadline<Result>(
    deadline: number | Date,
    call: () => Promise<Result>,
  ): Promise<Result> {
    this.underWay++
    try {
      return await super.withDeadline(deadline, call)
    } finally {
      if (--this.underWay === 0) this.callContextStorage.disable()
    }
  }
}
