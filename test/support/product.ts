import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { type Dependencies, openDependencies } from '../../commands/processes/dependencies.js'
import { createLifecycle } from '../../commands/processes/lifecycle.js'
import { openApi } from '../../commands/processes/open-api.js'
import { openGateway } from '../../commands/processes/open-gateway.js'
import { openSubjects } from '../../commands/processes/open-subjects.js'
import { openWorkers } from '../../commands/processes/open-workers.js'
import { waitForWorkers } from '../../commands/processes/wait-for-workers.js'
import { productSubjects } from '../../commands/processes/subjects.js'
import type { Gateway } from '../../api/live/gateway.js'
import type { Config } from '../../config/load-config.js'
import type { RunningWorkers } from '../../workers/run-workers.js'
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

/** @param env settings beside the test's own */
export async function startProduct(env: Readonly<Record<string, string>> = {}): Promise<Product> {
  const server = await getTemporalServer()
  const dataDir = await mkdtemp(join(tmpdir(), 'triagem-product-'))
  const config = testConfig({ DATA_DIR: dataDir, ...env })
  const log = pino({ level: 'silent' })
  const lifecycle = createLifecycle(log)
  const remove = () => rm(dataDir, { recursive: true, force: true })
  lifecycle.opened('DATA_DIR', dataDir, remove)
  const database = await openTestDatabase()
  const temporalAddress = server.address
  const dependencies = openDependencies(lifecycle, {
    ...{ config, log, temporalAddress, database },
    subjects: productSubjects,
  })
  const workers = await openWorkers(lifecycle, dependencies, taskQueueNames)
  const late: { gateway?: Gateway } = {}
  const opened = await openSubjects(dependencies, {
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
