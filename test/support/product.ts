import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { openApi, openGateway } from '../../commands/processes/open-api.js'
import { waitForWorkers } from '../../commands/processes/wait-for-workers.js'
import type { Config } from '../../config/load-config.js'
import { type Dependencies, openDependencies } from '../../commands/processes/dependencies.js'
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

/** @param env settings beside the test's own */
export async function startProduct(env: Readonly<Record<string, string>> = {}): Promise<Product> {
  const server = await getTemporalServer()
  const dataDir = await mkdtemp(join(tmpdir(), 'triagem-product-'))
  const config = testConfig({ DATA_DIR: dataDir, ...env })
  const log = pino({ level: 'silent' })
  const database = await openTestDatabase()
  const opened = await openDependencies({ config, log, temporalAddress: server.address, database })
  const workers = await runWorkers(opened, taskQueueNames)
  const gateway = await openGateway(opened, '127.0.0.1')
  const api = await openApi(opened, gateway)
  await waitForWorkers(opened)
  const url = `http://127.0.0.1:${api.port}`
  return {
    url,
    socketUrl: url.replace('http', 'ws'),
    config,
    dependencies: opened,
    workers,
    close: async () => {
      await api.close()
      await gateway.close()
      await workers.stop()
      await opened.close()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}
