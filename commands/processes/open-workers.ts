import { type Activities, createActivities } from '../../activities/index.js'
import { createModelPool } from '../../engine/pool/model-pool.js'
import { createInferenceProvider } from '../../services/adapters/inference.js'
import { createPdfReaders } from '../../services/extraction/pdf-readers.js'
import { openCurrentModels } from '../../services/models/current-models.js'
import { followClassifier } from '../../services/models/follow-classifier.js'
import { modelsFolder } from '../../services/models/shipped-models.js'
import { loadTaskModels } from '../../services/models/task-models.js'
import { workflowBundlePath } from '../../workers/bundle-workflows.js'
import { type RunningWorkers, runWorkers } from '../../workers/run-workers.js'
import type { TaskQueue } from '../../workflows/task-queues.js'
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
  { config, database, findKind, keys, log, metrics, runner, subjects }: Dependencies,
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
