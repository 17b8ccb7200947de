/** What our log takes of a line of Temporal's: it names no ids and no content. */
export interface TemporalLine {
  readonly workflowType: unknown
  readonly taskQueue: unknown
  readonly activityType: unknown
  /** As a log prints errors: an error, what only looks like one, or words. */
  readonly err: unknown
}

/** @param meta what Temporal gives beside the message */
export function readTemporalLine(meta: Readonly<Record<string, unknown>> = {}): TemporalLine {
  const { workflowType, taskQueue, activityType, error } = meta
  return {
    ...{ workflowType, taskQueue, activityType },
    err: wasToldBefore(meta) ? withoutStack(error) : error,
  }
}

/** A step's stack is told at its first attempt, not at each, nor where its failure ends the workflow. */
function wasToldBefore({ activityType, attempt, error }: Readonly<Record<string, unknown>>) {
  if (activityType !== undefined) return typeof attempt === 'number' && attempt > 1
  return isErrorLike(error) && !workflowFrame.test(error.stack ?? '')
}

/** In the stack of what went wrong in a workflow itself. */
const workflowFrame = /workflow-bundle|[/\\]workflows?[/\\]/

const withoutStack = (error: unknown) =>
  isErrorLike(error) ? { name: error.name, message: error.message, cause: error.cause } : error

interface ErrorLike {
  readonly name?: unknown
  readonly message: string
  readonly stack?: string
  readonly cause?: unknown
}

/** Errors of workflows come from another realm, where Error is another class. */
const isErrorLike = (error: unknown): error is ErrorLike =>
  typeof error === 'object' &&
  error !== null &&
  'message' in error &&
  typeof error.message === 'string'
