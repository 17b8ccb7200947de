/**
 * Runs real jobs on a real Temporal server and writes their histories to test/histories, from where
 * test/workflows/replay.test.ts replays them. Run it when a workflow has changed on purpose and its
 * version has been raised, and keep the old ones: `npm run build && node dist/test/support/export-histories.js`.
 * The histories are sealed with the test keys (config.ts), which everybody knows; nothing in them is real.
 */
import { randomUUID } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js'
import { itemsAChunk, storeBatch } from '../../services/batches/batch-content.js'
import type { Task } from '../../engine/tasks.js'
import { createJobService } from '../../services/runs/job-service.js'
import { packageVersion } from '../../config/package-version.js'
import { insertJob, removeJob } from '../../db/jobs.js'
import { sealText } from '../../db/key-ring.js'
import type { JobSource } from '../../db/schema.js'
import { packageRoot } from '../../config/package-root.js'
import { jobsTaskQueue } from '../../workflows/task-queues.js'
import type { classifyBatch } from '../../workflows/index.js'
import {
  classifyBatchWorkflowId,
  classifyEmailWorkflowId,
  sweepJobsScheduleId,
} from '../../workflow-ids.js'
import { makePdf } from '../services/extraction/make-pdf.js'
import { closeTestDatabase } from './database.js'
import { startInferenceServer } from './inference-server.js'
import { type Product, startProduct } from './product.js'
import { closeTemporal } from './temporal.js'
import { waitUntil } from './wait-until.js'

const folder = join(packageRoot, 'test', 'histories')
const mail = 'Bom dia, qual o andamento do meu pedido 4821?\n\nMaria Exemplo'

try {
  await mkdir(folder, { recursive: true })
  await withProduct({}, exportLocalJobs)
  const inference = await startInferenceServer()
  try {
    await withProduct({ INFERENCE_ENDPOINT: inference.url() }, async (product) => {
      inference.behave(
        { mode: 'answers', content: 'Produtivo' },
        {
          mode: 'answers',
          content: 'Olá, Maria, recebemos a sua mensagem e vamos verificar o pedido.',
        },
      )
      await exportJob(product, 'provider-completed', mail, 'text')
      inference.behave({ mode: 'status', status: 503 })
      await exportJob(product, 'provider-degraded', mail, 'text')
      inference.behave({ mode: 'stalls' })
      const asked = inference.requests.length
      await exportJob(product, 'cancelled', mail, 'text', async (jobId) => {
        await waitUntil('the provider is asked', () => inference.requests.length > asked)
        await product.dependencies.runner.cancel(jobId)
      })
    })
  } finally {
    await inference.close()
  }
} finally {
  await closeTemporal()
  await closeTestDatabase()
}

async function withProduct(
  env: Readonly<Record<string, string>>,
  use: (product: Product) => Promise<void>,
): Promise<void> {
  const product = await startProduct(env)
  try {
    await use(product)
  } finally {
    await product.close()
  }
}

async function exportLocalJobs(product: Product): Promise<void> {
  await exportJob(product, 'text-completed', mail, 'text')
  await exportJob(product, 'pdf-completed', await makePdf([mail]), 'pdf')
  await exportJob(product, 'pdf-damaged', (await makePdf([mail])).subarray(0, 200), 'pdf')
  await exportRemovedJob(product)
  await exportBatch(product, 'completed', 'email')
  await exportBatch(product, 'no-model', 'texts')
  const schedule = product.dependencies.client.schedule.getHandle(sweepJobsScheduleId)
  await schedule.trigger()
  const run = await waitUntil('the sweeper runs', async () =>
    (await schedule.describe()).info.recentActions.at(-1),
  )
  await exportHistory(product, 'sweep-jobs', run.action.workflow.workflowId)
}

/** @param meanwhile what happens to the job while it runs */
async function exportJob(
  product: Product,
  name: string,
  content: string | Uint8Array,
  source: JobSource,
  meanwhile: (jobId: string) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  const jobId = await openService(product).submit({
    source,
    content: Buffer.from(content),
    idempotencyKey: undefined,
  })
  await meanwhile(jobId)
  await exportHistory(product, `classify-email-${name}`, classifyEmailWorkflowId(jobId))
}

/** A batch of three chunks, each started while others run. */
async function exportBatch(product: Product, name: string, task: Task): Promise<void> {
  const { client, database, keys } = product.dependencies
  const batchId = randomUUID()
  const items = Array.from({ length: 2 * itemsAChunk + 1 }, () => ({ text: mail }))
  await database.db
    .transaction()
    .execute((trx) => storeBatch(trx, keys, { id: batchId, task, items }))
  const workflowId = classifyBatchWorkflowId(batchId)
  await client.workflow.start<typeof classifyBatch>('classifyBatch', {
    taskQueue: jobsTaskQueue,
    workflowId,
    args: [{ batchId }],
  })
  await exportHistory(product, `classify-batch-${name}`, workflowId)
}

/** A workflow that finds its job over, as when a start was heard of too late. */
async function exportRemovedJob(product: Product): Promise<void> {
  const { database, keys, runner } = product.dependencies
  const id = randomUUID()
  await insertJob(database.db, { id, source: 'text', content: sealText(keys, mail) })
  await removeJob(database.db, id)
  await runner.start(id)
  await exportHistory(product, 'classify-email-over', classifyEmailWorkflowId(id))
}

function openService({ dependencies: { database, keys, runner } }: Product) {
  return createJobService({ db: database.db, keys, runner, onUnheardCancel: () => undefined })
}

async function exportHistory(product: Product, name: string, workflowId: string): Promise<void> {
  const run = product.dependencies.client.workflow.getHandle(workflowId)
  await run.result().catch(() => undefined)
  const history = historyToJSON(await run.fetchHistory()).replace(
    /("identity":\s*)"[^"]*"/g,
    '$1"test"',
  )
  const file = join(folder, `${name}-${packageVersion}.json`)
  await writeFile(file, `${history}\n`)
  console.log(file)
}
