import { isCancellation, log } from '@temporalio/workflow'
import type { ClassificationStep } from '../db/schema/email-classification.js'
import type {
  ClassifyInput,
  DraftReplyInput,
  OpenedClassification,
} from '../services/email-classification/email-result.js'
import { classifyEmailWorkflow, type RunInput, type RunResult } from '../workflow-definitions.js'
import { local, outside, remote } from './activity-proxies.js'
import { asRun, isRunOver } from './as-run.js'

/**
 * In a process of its own, so that no PDF can take a worker with it. The reading itself has its bounds there; before
 * it, a file may have to wait for those of others. A worker that dies is noticed by its heartbeats.
 */
const readPdf = remote({
  summary: 'Read the PDF',
  startToCloseTimeout: '1 day',
  taskQueue: 'files',
})

/** Classifies one e-mail and drafts its answer: extract, detect the language, classify, draft. */
export function classifyEmail(input: RunInput): Promise<RunResult> {
  return asRun<ClassificationStep, OpenedClassification>({
    workflow: classifyEmailWorkflow,
    input,
    open: (run) => local('Look the classification up').openJob(run),
    work: async (run, opened) => {
      const { runId } = run
      run.at('extracting_text', 15)
      await extractText(runId, opened)
      run.at('detecting_language', 35)
      const { language } = await local('Detect the language').detectLanguage({ runId })
      run.at('classifying', 45)
      const { degraded } = await classify({ runId, language, degraded: false }, opened)
      run.at('generating_response', 70)
      await draftReply({ runId, degraded }, opened)
    },
  })
}

async function extractText(runId: string, { source }: OpenedClassification): Promise<void> {
  const activities = source === 'pdf' ? readPdf : local('Read the text')
  await activities.extractText({ runId, source })
}

/** @returns what was asked at last: `degraded` says whether the provider was given up */
async function classify(
  asked: ClassifyInput,
  { hasProvider }: OpenedClassification,
): Promise<ClassifyInput> {
  if (!hasProvider) {
    await local('Classify').classify(asked)
    return asked
  }
  try {
    await outside('Classify with the provider').classifyWithProvider(asked)
    return asked
  } catch (error) {
    const degraded = { ...asked, degraded: giveUpProvider(error) }
    await local('Classify locally instead').classify(degraded)
    return degraded
  }
}

/** A provider that could not classify is not asked for a draft: nobody waits out its retries twice. */
async function draftReply(
  asked: DraftReplyInput,
  { hasProvider }: OpenedClassification,
): Promise<void> {
  if (!hasProvider || asked.degraded) {
    await local('Draft the answer').draftReply(asked)
    return
  }
  try {
    await outside('Draft with the provider').draftReplyWithProvider(asked)
  } catch (error) {
    const degraded = { ...asked, degraded: giveUpProvider(error) }
    await local('Draft locally instead').draftReply(degraded)
  }
}

/** @throws the error itself where it isn't the provider's: a cancel, a run that is over */
function giveUpProvider(error: unknown): true {
  if (isCancellation(error) || isRunOver(error)) throw error
  log.warn('The provider could not answer; the local engine does.')
  return true
}
