import { setTimeout as delay } from 'node:timers/promises'
import { type Activities, createActivities } from '../../activities/index.js'
import { createModelPool } from '../../engine/pool/model-pool.js'
import { createInferenceProvider } from '../../services/adapters/inference.js'
import { checkTemporal } from '../../services/adapters/temporal-health.js'
import {
  deleteEndedRuns,
  deleteEndedScheduled,
} from '../../services/adapters/temporal-schedules.js'
import { createPdfReaders } from '../../services/extraction/pdf-readers.js'
import { openCurrentModels } from '../../services/models/current-models.js'
import { followClassifier } from '../../services/models/follow-classifier.js'
import { modelsFolder } from '../../services/models/shipped-models.js'
import { loadTaskModels } from '../../services/models/task-models.js'
import { type RunningWorkers, runWorkers } from '../../workers/run-workers.js'
import { workflowBundlePath } from '../../workers/worker.js'
import { runsTaskQueue, type TaskQueue } from '../../workflows/task-queues.js'
import type { Dependencies } from './dependencies.js'
import type { Lifecycle } from './lifecycle.js'

/** A page of mail is a few thousand characters; these bounds are generous and end what is hostile. */
const pdfLimits = { maxPages: 200, maxCharacters: 2_000_000 }
const inferenceTimeoutMs = 20_000

/** Runs the product's workflows and activities, with a worker for each of the queues. */
export async function openWorkers(
  lifecycle: Lifecycle,
  dependencies: Dependencies,
  queues: readonly TaskQueue[],
): Promise<RunningWorkers> {
  const activities = await openActivities(lifecycle, dependencies)
  const workers = runWorkers({
    ...dependencies,
    db: dependencies.database.db,
    namespace: dependencies.config.temporalNamespace,
    queues,
    activities,
    bundlePath: workflowBundlePath,
  })
  return lifecycle.opened('workers', workers, () => workers.stop())
}

/** Opens what the activities work with. */
export async function openActivities(
  lifecycle: Lifecycle,
  { client, config, database, findKind, keys, log, metrics, runner, subjects }: Dependencies,
): Promise<Activities> {
  const pool = lifecycle.opened('model pool', createModelPool(), (opened) => opened.close())
  const pdfReaders = createPdfReaders({
    limits: pdfLimits,
    onChange: (lane, { waiting, readers }) => {
      metrics.pdfsWaiting.set({ lane }, waiting)
      metrics.pdfReaders.set({ lane }, readers)
    },
  })
  lifecycle.opened('PDF readers', pdfReaders, () => pdfReaders.close())
  const models = await loadTaskModels(modelsFolder, pool)
  const current = await openCurrentModels({ database, log, slots: models.slots })
  lifecycle.opened('current models', current, () => current.close())
  const { inference } = config
  return createActivities({
    db: database.db,
    keys,
    runner,
    clearSchedules: () => deleteEndedScheduled(client),
    clearWorkflows: (before) => deleteEndedRuns(client, before),
    findKind,
    cleanUps: subjects.flatMap((subject) => subject.cleanUps),
    housekeeping: config,
    classifier: followClassifier(() => models.email()),
    provider: inference && createInferenceProvider({ ...inference, timeoutMs: inferenceTimeoutMs }),
    pdfReaders,
    models,
    pool,
  })
}

const pollMs = 50
const timeoutMs = 30_000

/** @throws Error where no worker polls within 30 s; the log says why */
export async function waitForWorkers({
  client,
  config,
}: Pick<Dependencies, 'client' | 'config'>): Promise<void> {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    const health = await checkTemporal(client, config.temporalNamespace, runsTaskQueue)
    if (health.workers) return
    if (Date.now() > deadline)
      throw new Error('The workers did not start within 30 s: see the log lines above.')
    await delay(pollMs)
  }
}
