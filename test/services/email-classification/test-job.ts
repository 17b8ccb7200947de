import { randomUUID } from 'node:crypto'
import { MockActivityEnvironment } from '@temporalio/testing'
import { DefaultLogger } from '@temporalio/worker'
import { createEmailActivities } from '../../../activities/classify-email.js'
import type { EmailResult } from '../../../services/email-classification/email-job.js'
import type { InferenceProvider } from '../../../services/adapters/inference.js'
import type { EmailClassifier } from '../../../engine/classifier.js'
import { loadDefaultEmailClassifier } from '../../../engine/default-email-model.js'
import type { Db } from '../../../db/database.js'
import { insertJob } from '../../../db/jobs.js'
import { createKeyRing, openText } from '../../../db/key-ring.js'
import type { JobRow, JobSource } from '../../../db/schema.js'
import { modelsFolder } from '../../../services/models/shipped-models.js'
import { testKeys } from '../../support/config.js'

export const keys = createKeyRing([testKeys.ENC_KEY])

export const pdfLimits = { maxPages: 3, timeoutMs: 20_000, maxCharacters: 100_000 }

let classifier: Promise<EmailClassifier> | undefined

/** The product's activities with the engine that ships, each run as Temporal runs it. */
export async function openActivities(db: Db, provider?: InferenceProvider, limits = pdfLimits) {
  classifier ??= loadDefaultEmailClassifier(modelsFolder)
  return createEmailActivities({
    db,
    keys,
    provider,
    classifier: await classifier,
    pdfLimits: limits,
  })
}

/** A context for one activity, begun now and without log lines. */
export const newActivityEnvironment = (): MockActivityEnvironment =>
  new MockActivityEnvironment(
    { currentAttemptScheduledTimestampMs: Date.now() },
    { logger: new DefaultLogger('ERROR', () => undefined) },
  )

type EmailActivities = ReturnType<typeof createEmailActivities>
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

/** A job as the API takes it on. @returns its id */
export async function insertTestJob(
  db: Db,
  content: string | Uint8Array,
  source: JobSource = 'text',
): Promise<string> {
  const id = randomUUID()
  await insertJob(db, { id, source, content: keys.seal(Buffer.from(content)) })
  return id
}

export async function getRow(db: Db, id: string): Promise<JobRow> {
  return await db.selectFrom('jobs').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
}

/** What the row knows of the result; the answer is missing until it was drafted. */
export async function getOutcome(db: Db, id: string): Promise<Partial<EmailResult>> {
  const { outcome } = await getRow(db, id)
  if (outcome === null) throw new Error('There is no outcome.')
  return JSON.parse(openText(keys, outcome)) as Partial<EmailResult>
}
