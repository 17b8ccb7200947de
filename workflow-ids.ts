/**
 * The names by which a job is known to Temporal: one place, so that a start, a query, a sweep and an
 * operator's search can't disagree.
 */

/** The business key of a job's workflow. @param jobId the job's uuid */
export const classifyEmailWorkflowId = (jobId: string): string => `classify-email/${jobId}`

/** The business key of a batch's workflow. @param batchId the batch's uuid */
export const classifyBatchWorkflowId = (batchId: string): string => `classify-batch/${batchId}`

/** The sweeper's schedule; its runs are named after it. */
export const sweepJobsScheduleId = 'sweep-jobs'

/** Search attributes (type Keyword) by which an operator finds a job. */
export const jobIdAttribute = 'TriagemJobId'
export const jobStateAttribute = 'TriagemJobState'
