import { setTimeout as delay } from 'node:timers/promises'
import { prepareNamespace } from '../services/adapters/temporal-namespace.js'
import { type Config, ConfigError } from '../config/load-config.js'
import { isMigrated, migrateToLatest } from '../db/migrate.js'
import { type Dependencies, runsTaskQueue, openDependencies } from './processes/dependencies.js'
import { runWorkers } from '../workers/run-workers.js'
import { installTemporalRuntime } from '../workers/temporal-runtime.js'
import type { TaskQueue } from '../workflows/task-queues.js'
import { createLifecycle, type Lifecycle, untilStopped } from './processes/lifecycle.js'
import { createLogger } from './processes/logger.js'
import { openMonitor } from './processes/monitor.js'
import { openApi, openGateway } from './processes/open-api.js'

/** The cluster form's processes: each a part of the product, on a real PostgreSQL and Temporal server. */

type Say = (line: string) => void

const prepareRetryMs = 2_000

export function runApi(config: Config, say: Say): Promise<void> {
  return run('api', config, say, async (dependencies, lifecycle) => {
    prepareInBackground(dependencies, lifecycle)
    const api = await openApi(
      dependencies,
      config.gatewayPort === 0 ? undefined : { port: config.gatewayPort },
    )
    lifecycle.opened('API', api, () => api.close())
    return `The API listens on ${config.host}:${api.port}.`
  })
}

export function runGateway(config: Config, say: Say): Promise<void> {
  return run('gateway', config, say, async (dependencies, lifecycle) => {
    const gateway = await openGateway(dependencies, config.host)
    lifecycle.opened('gateway', gateway, () => gateway.close())
    await openMonitor(dependencies, lifecycle, () => true, { sockets: gateway.implementation })
    return `The gateway (${gateway.implementation}) listens on ${config.host}:${gateway.port}.`
  })
}

export function runWorker(config: Config, say: Say, queues: readonly TaskQueue[]): Promise<void> {
  return run('worker', config, say, async (dependencies, lifecycle) => {
    const workers = await runWorkers(dependencies, queues)
    lifecycle.opened('workers', workers, () => workers.stop())
    await openMonitor(dependencies, lifecycle, () => workers.isRunning())
    return `The worker serves ${queues.join(' and ')}.`
  })
}

/** Brings the schema up to date; every other process expects that this has run. */
export async function runMigrate(config: Config, say: Say): Promise<void> {
  await run('migrate', config, say, async ({ database }) => {
    const ran = await migrateToLatest(database.db)
    return ran.length === 0 ? 'The database is up to date.' : `Migrated: ${ran.join(', ')}.`
  })
}

async function run(
  part: 'api' | 'gateway' | 'worker' | 'migrate',
  config: Config,
  say: Say,
  open: (dependencies: Dependencies, lifecycle: Lifecycle) => Promise<string>,
): Promise<void> {
  if (config.database.kind === 'embedded' || config.temporal.kind === 'embedded')
    throw new ConfigError(
      `triagem ${part} belongs to the cluster form: set DATABASE_URL and TEMPORAL_ADDRESS, or run triagem start.`,
    )
  const log = createLogger(config, part)
  installTemporalRuntime(log)
  const lifecycle = createLifecycle(log)
  try {
    const dependencies = await openDependencies({
      config,
      log,
      temporalAddress: config.temporal.address,
    })
    lifecycle.opened('database and Temporal client', dependencies, () => dependencies.close())
    if (part !== 'migrate') await refuseUnmigrated(dependencies)
    say(await open(dependencies, lifecycle))
    if (part !== 'migrate') say(`Stopping (${await untilStopped()})…`)
  } finally {
    await lifecycle.close()
  }
}

/** Workers do this too, but on a new namespace the first job may come before the first worker. */
function prepareInBackground({ client, config }: Dependencies, lifecycle: Lifecycle): void {
  const stopping = new AbortController()
  lifecycle.opened('preparation of the namespace', stopping, () => stopping.abort())
  const prepare = async () => {
    while (!stopping.signal.aborted) {
      try {
        await prepareNamespace(client, config.temporalNamespace, runsTaskQueue)
        return
      } catch {
        // A server that is away: /health says so, and a worker may be first after all.
        await delay(prepareRetryMs, undefined, { signal: stopping.signal }).catch(() => undefined)
      }
    }
  }
  void prepare()
}

/** A database that is away may come back; one without our tables is a forgotten step. */
async function refuseUnmigrated({ database, log }: Dependencies): Promise<void> {
  try {
    if (await isMigrated(database.db)) return
  } catch (error) {
    log.warn({ err: error }, 'The database does not answer yet.')
    return
  }
  throw new ConfigError('The database lacks migrations of this version: run triagem migrate first.')
}
