import { cancellationSignal } from '@temporalio/activity'
import { ApplicationFailure } from '@temporalio/common'
import type { InferenceProvider, InferenceRequest } from '../services/adapters/inference.js'
import { InferenceError } from '../services/adapters/inference-errors.js'
import { withHeartbeat } from './with-heartbeat.js'

/**
 * Asks a provider once, as an activity does: with heartbeats, ended by a cancel, and with failures that
 * Temporal's retry policy understands. Neither text nor answer is in a failure.
 *
 * @param parse gives the answer its form, or throws InferenceError where it has none
 */
export async function askProvider<T>(
  provider: InferenceProvider,
  request: InferenceRequest,
  parse: (answer: string) => T,
): Promise<T> {
  try {
    return parse(await withHeartbeat(() => provider.complete(request, cancellationSignal())))
  } catch (error) {
    throw error instanceof InferenceError ? toFailure(error) : error
  }
}

function toFailure(error: InferenceError): ApplicationFailure {
  return ApplicationFailure.create({
    message: error.message,
    type: 'provider_failed',
    nonRetryable: error.permanent,
    ...(error.retryAfterMs === undefined ? {} : { nextRetryDelay: error.retryAfterMs }),
  })
}
