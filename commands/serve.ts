import { setTimeout as delay } from 'node:timers/promises'
import { ConfigError } from '../config/values.js'
import type { Config } from '../config/load-config.js'
import { isMigrated, migrateToLatest } from '../db/migrate.js'
import { prepareNamespace } from '../services/adapters/temporal-namespace.js'
import { runsTaskQueue, type TaskQueue } from '../workflows/task-queues.js'
import { type Dependencies, openDependencies } from './processes/dependencies.js'
import { type Lifecycle, withLifecycle } from './processes/lifecycle.js'
import { createLogger } from './processes/logger.js'
import { openMonitor } from './processes/monitor.js'
import { publishKeys } from './processes/publish-keys.js'
import { openApi, openGateway } from './processes/listeners.js'
import { openDatabase } from '../db/database.js'
import { openSubjects, productSubjects } from './processes/subjects.js'
import { openWorkers } from './processes/open-workers.js'
import { runProcess } from './processes/run-process.js'

/** The cluster form's processes: each a part of the product, on a real PostgreSQL and Temporal server. */

type Say = (line: string) => void

const prepareRetryMs = 2_000

export function runApi(config: Config, say: Say): Promise<void> {
  return serve('api', config, say, async (lifecycle, dependencies) => {
    const { host, gatewayPort } = config
    prepareInBackground(lifecycle, dependencies)
    const api = await openApi(lifecycle, dependencies, {
      ...(await openSubjects(lifecycle, dependencies)),
      findGatewayPort: gatewayPort === 0 ? undefined : () => gatewayPort,
    })
    return `The API listens on ${host}:${api.port}.`
  })
}

export function runGateway(config: Config, say: Say): Promise<void> {
  return serve('gateway', config, say, async (lifecycle, dependencies) => {
    const { served } = await openSubjects(lifecycle, dependencies)
    const gateway = await openGateway(lifecycle, dependencies, { host: config.host, served })
    const sockets = gateway.implementation
    await openMonitor(lifecycle, dependencies, () => true, { sockets })
    return `The gateway (${gateway.implementation}) listens on ${config.host}:${gateway.port}.`
  })
}

export function runWorker(config: Config, say: Say, queues: readonly TaskQueue[]): Promise<void> {
  return serve('worker', config, say, async (lifecycle, dependencies) => {
    const workers = await openWorkers(lifecycle, dependencies, queues)
    await openMonitor(lifecycle, dependencies, () => workers.isRunning())
    return `The worker serves ${queues.join(' and ')}.`
  })
}

/** Brings the schema up to date; every other process expects that this has run. */
export async function runMigrate(config: Config, say: Say): Promise<void> {
  getTemporalAddress('migrate', config)
  const log = createLogger(config, 'migrate')
  await withLifecycle(log, async (lifecycle) => {
    const database = await openDatabase(config, log)
    lifecycle.opened('database', database, () => database.close())
    const ran = await migrateToLatest(database.db)
    say(ran.length === 0 ? 'The database is up to date.' : `Migrated: ${ran.join(', ')}.`)
  })
}

async function serve(
  part: 'api' | 'gateway' | 'worker',
  config: Config,
  say: Say,
  open: (lifecycle: Lifecycle, dependencies: Dependencies) => Promise<string>,
): Promise<void> {
  const temporalAddress = getTemporalAddress(part, config)
  await runProcess({
    name: part,
    config,
    say,
    open: async (log, lifecycle) => {
      const database = await openDatabase(config, log)
      lifecycle.opened('database', database, () => database.close())
      await refuseUnmigrated({ database, log })
      const input = { config, log, temporalAddress, database, subjects: productSubjects }
      const dependencies = openDependencies(lifecycle, input)
      await publishKeys(lifecycle, part, dependencies)
      return [await open(lifecycle, dependencies)]
    },
  })
}

/** @throws ConfigError where the settings are of the one-machine form */
function getTemporalAddress(part: string, { database, temporal }: Config): string {
  if (database.kind === 'embedded' || temporal.kind === 'embedded')
    throw new ConfigError(
      `triagem ${part} belongs to the cluster form: set DATABASE_URL and TEMPORAL_ADDRESS, or run triagem start.`,
    )
  return temporal.address
}

/** Workers do this too, but on a new namespace the first run may come before the first worker. */
function prepareInBackground(lifecycle: Lifecycle, { client, config }: Dependencies): void {
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
async function refuseUnmigrated({
  database,
  log,
}: Pick<Dependencies, 'database' | 'log'>): Promise<void> {
  try {
    if (await isMigrated(database.db)) return
  } catch (error) {
    log.warn({ err: error }, 'The database does not answer yet.')
    return
  }
  throw new ConfigError('The database lacks migrations of this version: run triagem migrate first.')
}
