import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  isCancellation,
  log,
  proxyActivities,
} from '@temporalio/workflow'
import type {
  ClassifyEmailInput,
  ClassifyEmailResult,
  ClassifyInput,
  DraftReplyInput,
  OpenedJob,
} from '../services/email-classification/email-job.js'
import type { Activities } from '../activities/index.js'
import type { JobError } from '../db/schema.js'
import { local, remote } from './activity-proxies.js'
import { type ProgressReporter, trackProgress } from './progress.js'

/** In a process of its own, so that no PDF can take a worker with it. */
const readPdf = remote({ summary: 'Read the PDF', startToCloseTimeout: '2 minutes' })

/** An outside provider: first try, then after 2, 4 and 8 seconds; then the local engine answers. */
const provider = (summary: string) =>
  proxyActivities<Activities>({
    summary,
    startToCloseTimeout: '40 seconds',
    heartbeatTimeout: '10 seconds',
    retry: { initialInterval: '2 seconds', backoffCoefficient: 2, maximumAttempts: 4 },
  })

/** Classifies one e-mail and drafts its answer: extract, detect the language, classify, draft, record. */
export async function classifyEmail({ jobId }: ClassifyEmailInput): Promise<ClassifyEmailResult> {
  const progress = trackProgress(jobId)
  try {
    progress.at('starting')
    const job = await local('Look the job up').openJob({ jobId })
    if (job === null) return over(progress)
    progress.at('extracting_text')
    await extractText(jobId, job)
    progress.at('detecting_language')
    const { language } = await local('Detect the language').detectLanguage({ jobId })
    progress.at('classifying')
    const { degraded } = await classify({ jobId, language, degraded: false }, job)
    progress.at('generating_response')
    await draftReply({ jobId, degraded }, job)
    // A cancel that comes now comes too late: row and workflow shall not tell two ends.
    await CancellationScope.nonCancellable(() =>
      local('Record the result').recordResult({ jobId, ...progress.position() }),
    )
    progress.ended('completed')
    return { outcome: 'completed' }
  } catch (error) {
    const reason = readReason(error)
    if (reason === 'job_over') return over(progress)
    await CancellationScope.nonCancellable(() =>
      local('Record the failure').recordFailure({ jobId, error: reason, ...progress.position() }),
    )
    progress.ended('failed')
    // What the user can mend is no failure of the system; the rest is to be seen by the operator.
    if (reason === 'cancelled' || reason === 'internal') throw error
    return { outcome: 'failed', error: reason }
  }
}

/** Another end came first, or the job was removed: nothing is left to be done or said. */
function over(progress: ProgressReporter): ClassifyEmailResult {
  progress.ended('over')
  return { outcome: 'over' }
}

async function extractText(jobId: string, { source }: OpenedJob): Promise<void> {
  const activities = source === 'pdf' ? readPdf : local('Read the text')
  await activities.extractText({ jobId, source })
}

/** @returns what was asked at last: `degraded` says whether the provider was given up */
async function classify(asked: ClassifyInput, job: OpenedJob): Promise<ClassifyInput> {
  if (!job.hasProvider) {
    await local('Classify').classify(asked)
    return asked
  }
  try {
    await provider('Classify with the provider').classifyWithProvider(asked)
    return asked
  } catch (error) {
    const degraded = { ...asked, degraded: giveUpProvider(error) }
    await local('Classify locally instead').classify(degraded)
    return degraded
  }
}

/** A provider that could not classify is not asked for a draft: nobody waits out its retries twice. */
async function draftReply(asked: DraftReplyInput, job: OpenedJob): Promise<void> {
  if (!job.hasProvider || asked.degraded) {
    await local('Draft the answer').draftReply(asked)
    return
  }
  try {
    await provider('Draft with the provider').draftReplyWithProvider(asked)
  } catch (error) {
    const degraded = { ...asked, degraded: giveUpProvider(error) }
    await local('Draft locally instead').draftReply(degraded)
  }
}

/** @throws the error itself where it isn't the provider's: a cancel, a job that is over */
function giveUpProvider(error: unknown): true {
  if (isCancellation(error) || readReason(error) === 'job_over') throw error
  log.warn('The provider could not answer; the local engine does.')
  return true
}

/** The one word that the row keeps; permanentFailure() named it where the cause is known. */
function readReason(error: unknown): JobError | 'job_over' {
  if (isCancellation(error)) return 'cancelled'
  const cause = error instanceof ActivityFailure ? error.cause : error
  if (!(cause instanceof ApplicationFailure)) return 'internal'
  return reasons.find((reason) => reason === cause.type) ?? 'internal'
}

const reasons = [
  'job_over',
  'not_text',
  'pdf_not_pdf',
  'pdf_encrypted',
  'pdf_damaged',
  'pdf_without_text',
  'pdf_too_many_pages',
  'pdf_too_slow',
  'pdf_too_large',
  'empty_text',
] as const
