import { randomUUID } from 'node:crypto'
import { MockActivityEnvironment } from '@temporalio/testing'
import { DefaultLogger } from '@temporalio/worker'
import { createEmailActivities } from '../../../activities/classify-email.js'
import { createRunActivities } from '../../../activities/record-run.js'
import { createFindRunKind } from '../../../services/runs/run-kind.js'
import { classificationRuns } from '../../../services/email-classification/classification-runs.js'
import type { EmailResult } from '../../../services/email-classification/email-result.js'
import { createPdfReaders, defaultPdfLanes } from '../../../services/extraction/pdf-readers.js'
import type { InferenceProvider } from '../../../services/adapters/inference.js'
import type { EmailClassifier } from '../../../engine/classifier.js'
import { loadDefaultEmailClassifier } from '../../../engine/default-email-model.js'
import type { Db } from '../../../db/database.js'
import { insertClassification } from '../../../db/classifications.js'
import { createKeyRing, openText } from '../../../db/key-ring.js'
import { classificationPlace } from '../../../db/seal-places.js'
import type { ClassificationRow, TextSource } from '../../../db/schema/email-classification.js'
import type { RunRow } from '../../../db/schema/runs.js'
import { modelsFolder } from '../../../services/models/shipped-models.js'
import { testKeys } from '../../support/config.js'

export const keys = createKeyRing([testKeys.ENC_KEY])

export const pdfLimits = { maxPages: 3, timeoutMs: 20_000, maxCharacters: 100_000 }

/** As the product's; nothing is left of them when the tests end, for idle ones keep no process alive. */
function openPdfReaders({ timeoutMs, ...limits }: typeof pdfLimits) {
  const { quick, slow } = defaultPdfLanes
  const lanes = {
    quick: { ...quick, timeoutMs: Math.min(quick.timeoutMs, timeoutMs) },
    slow: { ...slow, timeoutMs },
  }
  return createPdfReaders({ limits, lanes })
}

let classifier: Promise<EmailClassifier> | undefined

/** The product's activities with the engine that ships, each run as Temporal runs it. */
export async function openActivities(db: Db, provider?: InferenceProvider, limits = pdfLimits) {
  classifier ??= loadDefaultEmailClassifier(modelsFolder)
  return {
    ...createEmailActivities({
      db,
      keys,
      provider,
      classifier: await classifier,
      pdfReaders: openPdfReaders(limits),
    }),
    ...createRunActivities({ db, findKind: createFindRunKind([classificationRuns]) }),
  }
}

/** A context for one activity, begun now and without log lines. */
export const newActivityEnvironment = (): MockActivityEnvironment =>
  new MockActivityEnvironment(
    { currentAttemptScheduledTimestampMs: Date.now() },
    { logger: new DefaultLogger('ERROR', () => undefined) },
  )

type EmailActivities = Awaited<ReturnType<typeof openActivities>>
type Input<N extends keyof EmailActivities> = Parameters<EmailActivities[N]>[0]
type Output<N extends keyof EmailActivities> = Awaited<ReturnType<EmailActivities[N]>>

/** Runs one activity in a context of its own. */
export function runActivity<N extends keyof EmailActivities>(
  activities: EmailActivities,
  name: N,
  input: Input<N>,
): Promise<Output<N>> {
  const activity = activities[name] as (given: Input<N>) => Promise<Output<N>>
  return newActivityEnvironment().run<[Input<N>], Output<N>, typeof activity>(activity, input)
}

/** A classification as the API takes it on. @returns its id */
export async function insertTestClassification(
  db: Db,
  content: string | Uint8Array,
  source: TextSource = 'text',
): Promise<string> {
  const id = randomUUID()
  await insertClassification(db, {
    id,
    source,
    content: keys.seal(Buffer.from(content), classificationPlace('content', id)),
  })
  return id
}

/** A run and what it works on. */
export async function getRow(db: Db, id: string): Promise<RunRow & ClassificationRow> {
  return await db
    .selectFrom('runs')
    .innerJoin('classifications', 'classifications.id', 'runs.id')
    .selectAll()
    .where('runs.id', '=', id)
    .executeTakeFirstOrThrow()
}

/** What the row knows of the result; the answer is missing until it was drafted. */
export async function getOutcome(db: Db, id: string): Promise<Partial<EmailResult>> {
  const { outcome } = await getRow(db, id)
  if (outcome === null) throw new Error('There is no outcome.')
  return JSON.parse(
    openText(keys, outcome, classificationPlace('outcome', id)),
  ) as Partial<EmailResult>
}
