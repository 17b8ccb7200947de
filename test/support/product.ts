import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { type Dependencies, openDependencies } from '../../commands/processes/dependencies.js'
import { createLifecycle, type Lifecycle } from '../../commands/processes/lifecycle.js'
import { openApi, openGateway } from '../../commands/processes/listeners.js'
import {
  openSubjects,
  type ProductSubject,
  productSubjects,
} from '../../commands/processes/subjects.js'
import {
  openActivities,
  openWorkers,
  waitForWorkers,
} from '../../commands/processes/open-workers.js'
import type { Gateway } from '../../api/live/gateway.js'
import type { Config } from '../../config/load-config.js'
import { type RunningWorkers, runWorkers } from '../../workers/run-workers.js'
import { taskQueueNames } from '../../workflows/task-queues.js'
import { openTestDatabase } from './database.js'
import { testConfig } from './config.js'
import { getTemporalServer } from './temporal.js'

/** The product in this process, on the test database and a real Temporal server of its own. */
export interface Product {
  readonly url: string
  readonly socketUrl: string
  readonly config: Config
  readonly dependencies: Dependencies
  readonly workers: RunningWorkers
  close(): Promise<void>
}

export interface ProductOptions {
  /** Settings beside the test's own. */
  readonly env?: Readonly<Record<string, string>>
  /** One of the test's own; otherwise the one that all tests share. */
  readonly temporalAddress?: string
  /** Keeps what is in the test database. */
  readonly keepsRows?: boolean
  /** Beside the product's own. */
  readonly subjects?: readonly ProductSubject[]
  /** With them its workers run the workflows and activities of a test beside the product's. */
  readonly workers?: { readonly activities: object; readonly bundlePath: string }
}

/** @param env settings beside the test's own */
export const startProduct = (env: Readonly<Record<string, string>> = {}): Promise<Product> =>
  startProductWith({ env })

export async function startProductWith(options: ProductOptions): Promise<Product> {
  const { env = {}, subjects = [] } = options
  const temporalAddress = options.temporalAddress ?? (await getTemporalServer()).address
  const dataDir = await mkdtemp(join(tmpdir(), 'triagem-product-'))
  const config = testConfig({ DATA_DIR: dataDir, ...env })
  const log = pino({ level: 'silent' })
  const lifecycle = createLifecycle(log)
  const remove = () => rm(dataDir, { recursive: true, force: true })
  lifecycle.opened('DATA_DIR', dataDir, remove)
  const database = await openTestDatabase({ keepsRows: options.keepsRows === true })
  const dependencies = openDependencies(lifecycle, {
    ...{ config, log, temporalAddress, database },
    subjects: [...productSubjects, ...subjects],
  })
  const workers =
    options.workers === undefined
      ? await openWorkers(lifecycle, dependencies, taskQueueNames)
      : await runMoreWorkers(lifecycle, dependencies, options.workers)
  const late: { gateway?: Gateway } = {}
  const opened = await openSubjects(lifecycle, dependencies, {
    findSockets: () => late.gateway?.implementation,
  })
  const api = await openApi(lifecycle, dependencies, {
    ...opened,
    findGatewayPort: () => late.gateway?.port ?? 0,
  })
  const { served } = opened
  late.gateway = await openGateway(lifecycle, dependencies, { host: '127.0.0.1', served })
  await waitForWorkers(dependencies)
  const url = `http://127.0.0.1:${api.port}`
  return {
    url,
    socketUrl: url.replace('http', 'ws'),
    config,
    dependencies,
    workers,
    close: () => lifecycle.close(),
  }
}

async function runMoreWorkers(
  lifecycle: Lifecycle,
  dependencies: Dependencies,
  { activities, bundlePath }: NonNullable<ProductOptions['workers']>,
): Promise<RunningWorkers> {
  const workers = runWorkers({
    ...dependencies,
    db: dependencies.database.db,
    namespace: dependencies.config.temporalNamespace,
    queues: taskQueueNames,
    activities: { ...(await openActivities(lifecycle, dependencies)), ...activities },
    bundlePath,
  })
  return lifecycle.opened('workers', workers, () => workers.stop())
}
