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
import { createRunService } from '../../services/runs/run-service.js'
import { packageRoot, packageVersion } from '../../config/package.js'
import { classificationKind, insertClassification } from '../../db/classifications.js'
import { removeRun } from '../../db/run-progress.js'
import { classificationPlace } from '../../db/seal-places.js'
import { sealText } from '../../db/key-ring.js'
import type { TextSource } from '../../db/schema/email-classification.js'
import { runsTaskQueue } from '../../workflows/task-queues.js'
import type { classifyBatch } from '../../workflows/index.js'
import { classifyBatchWorkflow, classifyEmailWorkflow } from '../../workflow-definitions.js'
import { keepHouseScheduleId, runWorkflowId, sweepRunsScheduleId } from '../../workflow-ids.js'
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
      await exportJob(product, 'cancelled', mail, 'text', async (runId) => {
        await waitUntil('the provider is asked', () => inference.requests.length > asked)
        await product.dependencies.runner.cancel({ kind: classificationKind, id: runId })
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
  await exportScheduled(product, 'sweep-runs', sweepRunsScheduleId)
  await exportScheduled(product, 'keep-house', keepHouseScheduleId)
}

async function exportScheduled(product: Product, name: string, id: string): Promise<void> {
  const schedule = product.dependencies.client.schedule.getHandle(id)
  await schedule.trigger()
  const run = await waitUntil(`${name} runs`, async () =>
    (await schedule.describe()).info.recentActions.at(-1),
  )
  await exportHistory(product, name, run.action.workflow.workflowId)
}

/** @param meanwhile what happens to the job while it runs */
async function exportJob(
  product: Product,
  name: string,
  content: string | Uint8Array,
  source: TextSource,
  meanwhile: (runId: string) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  const runId = await openService(product).submit({
    kind: classificationKind,
    idempotencyKey: undefined,
    store: (db, id) =>
      insertClassification(db, {
        id,
        source,
        content: product.dependencies.keys.seal(
          Buffer.from(content),
          classificationPlace('content', id),
        ),
      }),
  })
  await meanwhile(runId)
  await exportHistory(
    product,
    `classify-email-${name}`,
    runWorkflowId(classifyEmailWorkflow, runId),
  )
}

/** A batch of three chunks, each started while others run. */
async function exportBatch(product: Product, name: string, task: Task): Promise<void> {
  const { client, database, keys } = product.dependencies
  const batchId = randomUUID()
  const items = Array.from({ length: 2 * itemsAChunk + 1 }, () => ({ text: mail }))
  await database.db
    .transaction()
    .execute((trx) => storeBatch(trx, keys, { id: batchId, task, items }))
  const workflowId = runWorkflowId(classifyBatchWorkflow, batchId)
  await client.workflow.start<typeof classifyBatch>('classifyBatch', {
    taskQueue: runsTaskQueue,
    workflowId,
    args: [{ runId: batchId }],
  })
  await exportHistory(product, `classify-batch-${name}`, workflowId)
}

/** A workflow that finds its job over, as when a start was heard of too late. */
async function exportRemovedJob(product: Product): Promise<void> {
  const { database, keys, runner } = product.dependencies
  const id = randomUUID()
  await insertClassification(database.db, {
    id,
    source: 'text',
    content: sealText(keys, mail, classificationPlace('content', id)),
  })
  await database.db.transaction().execute((trx) => removeRun(trx, id))
  await runner.start({ kind: classificationKind, id })
  await exportHistory(product, 'classify-email-over', runWorkflowId(classifyEmailWorkflow, id))
}

function openService({ dependencies: { database, findKind, runner } }: Product) {
  return createRunService({
    db: database.db,
    findKind,
    runner,
    onUnheardCancel: () => undefined,
    withdrawals: { add: () => undefined },
    backlog: { enter: () => Promise.resolve(() => undefined) },
  })
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
