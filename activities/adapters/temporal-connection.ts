import { Connection, defaultGrpcRetryOptions, makeGrpcRetryInterceptor } from '@temporalio/client'

/** The SDK's own reach seconds, and it waits one out even when the call's deadline passes meanwhile. */
const longestPauseMs = 250

/**
 * Connects to a Temporal server, lazily: one that is away is met by the first call, which the SDK tries
 * again until its deadline or ten times, whichever comes first.
 */
export function connectToTemporal(address: string): Connection {
  const { delayFunction, retryableDecider } = defaultGrpcRetryOptions()
  const retry = makeGrpcRetryInterceptor({
    delayFunction: (attempt, status) => Math.min(delayFunction(attempt, status), longestPauseMs),
    retryableDecider,
  })
  return Connection.lazy({ address, interceptors: [retry] })
}
