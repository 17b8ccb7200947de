import type { RunWorkflow } from './workflow-definitions.js'

/**
 * The names by which runs are known to Temporal: one place, so that a start, a query, a sweep and an
 * operator's search can't disagree.
 */

/** The business key of a run's workflow. @param runId the run's uuid */
export const runWorkflowId = ({ idPrefix }: Pick<RunWorkflow, 'idPrefix'>, runId: string): string =>
  `${idPrefix}/${runId}`

/** Schedules; the workflows that they start are named after them. */
export const sweepRunsScheduleId = 'sweep-runs'
export const keepHouseScheduleId = 'keep-house'

/** Everything that runs by itself. */
export const scheduleIds = [sweepRunsScheduleId, keepHouseScheduleId] as const

/** Schedules of earlier versions, to be deleted. */
export const retiredScheduleIds = ['sweep-jobs'] as const

/** Search attributes (type Keyword) by which an operator finds a run, of whatever kind. */
export const runAttributes = {
  kind: 'TriagemKind',
  /** `open`, or how it ended. */
  state: 'TriagemState',
  /** The run's id. */
  key: 'TriagemKey',
} as const
