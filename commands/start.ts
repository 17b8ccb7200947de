import { NativeConnection } from '@temporalio/worker'
import type { Logger } from 'pino'
import type { Gateway, SocketImplementation } from '../api/live/gateway.js'
import type { Config } from '../config/load-config.js'
import { isLoopback } from '../config/values.js'
import { openDatabase } from '../db/database.js'
import { migrateToLatest } from '../db/migrate.js'
import { startUpkeep } from '../db/upkeep.js'
import { taskQueueNames } from '../workflows/task-queues.js'
import { createLocalKey, publishLocalServer, withdrawLocalServer } from './data-dir/local-server.js'
import { acquireDataDirLock } from './one-machine/data-dir-lock.js'
import { completeSecrets } from './one-machine/generated-keys.js'
import { assertPortFree } from './one-machine/ports.js'
import { ensureTemporalCli } from './one-machine/temporal-binary.js'
import { startTemporalServer } from './one-machine/temporal-server.js'
import { type Dependencies, openDependencies } from './processes/dependencies.js'
import type { Lifecycle } from './processes/lifecycle.js'
import { openApi, openGateway } from './processes/listeners.js'
import { openAccounts } from './processes/open-accounts.js'
import { openWorkers, waitForWorkers } from './processes/open-workers.js'
import { publishKeys } from './processes/publish-keys.js'
import { runProcess } from './processes/run-process.js'
import { openSubjects, productSubjects } from './processes/subjects.js'

type Say = (line: string) => void

export interface StartOptions {
  /** Sets Temporal's file aside and begins with a new one: open runs begin again from their rows. */
  readonly newTemporalFile?: boolean | undefined
}

/** Runs all of Triagem in this process; the Temporal server is its child unless TEMPORAL_ADDRESS names one. */
export async function runStart(
  config: Config,
  say: Say,
  options: StartOptions = {},
): Promise<void> {
  await runProcess({
    name: 'triagem',
    config,
    say,
    open: async (log, lifecycle) => {
      const ready = await openDataDir(lifecycle, config)
      const temporal = await openTemporal(lifecycle, ready, say, options)
      const dependencies = await openBase(lifecycle, ready, log, temporal.address, say)
      await publishKeys(lifecycle, 'start', dependencies)
      await makeFirstAdmin(dependencies, say)
      say('Starting the workers, the gateway and the API…')
      return describeUse(await openProduct(lifecycle, dependencies), temporal.uiUrl)
    },
  })
  say('Stopped; nothing is lost.')
}

/** @returns the settings with complete secrets */
async function openDataDir(lifecycle: Lifecycle, settings: Config): Promise<Config> {
  const { dataDir, host, port } = settings
  const lock = await acquireDataDirLock(dataDir)
  lifecycle.opened('lock', lock, () => lock.release())
  // What a killed run has left says nothing of this one.
  await withdrawLocalServer(dataDir)
  const config = { ...settings, secrets: await completeSecrets(settings.secrets, dataDir) }
  // Asked before anything is started; only loopback can be asked for.
  if (isLoopback(host) && port !== 0) await assertPortFree(port, 'PORT')
  return config
}

interface Temporal {
  /** host:port of the gRPC frontend. */
  readonly address: string
  /** Of the Web UI, where this process runs it. */
  readonly uiUrl: string | undefined
}

/** The Temporal server that the settings name, or else one that runs as a child of this process. */
async function openTemporal(
  lifecycle: Lifecycle,
  config: Config,
  say: Say,
  { newTemporalFile = false }: StartOptions,
): Promise<Temporal> {
  const { temporal } = config
  if (temporal.kind === 'server') return { address: temporal.address, uiUrl: undefined }
  const binary = await ensureTemporalCli({
    cacheDir: config.cacheDir,
    path: config.searchPath,
    onProgress: say,
  })
  say('Starting the Temporal server…')
  const server = await startTemporalServer({
    newFile: newTemporalFile ? 'keep-old' : config.maxTemporalFileBytes,
    signal: lifecycle.stopping,
    binary,
    dataDir: config.dataDir,
    port: temporal.port,
    uiPort: temporal.uiPort,
    namespace: config.temporalNamespace,
    codecEndpoint: `http://localhost:${config.port}/codec`,
    log: say,
  })
  return lifecycle.opened('Temporal server', server, () => server.stop())
}

async function openBase(
  lifecycle: Lifecycle,
  config: Config,
  log: Logger,
  temporalAddress: string,
  say: Say,
): Promise<Dependencies> {
  say(
    config.database.kind === 'embedded'
      ? 'Opening the database (PGlite in DATA_DIR)…'
      : 'Connecting to PostgreSQL…',
  )
  const workerConnection = await NativeConnection.connect({ address: temporalAddress })
  lifecycle.opened('worker connection', workerConnection, () => workerConnection.close())
  const database = await openDatabase(config, log, (error) => lifecycle.fail(error))
  lifecycle.opened('database', database, () => database.close())
  await migrateToLatest(database.db)
  const dependencies = openDependencies(lifecycle, {
    ...{ config, log, temporalAddress, database, workerConnection },
    subjects: productSubjects,
  })
  if (database.embedded !== undefined) openUpkeep(lifecycle, dependencies)
  return dependencies
}

/** What a PostgreSQL server does by itself is ours where the database is embedded. */
function openUpkeep(lifecycle: Lifecycle, { database, log, metrics }: Dependencies): void {
  const upkeep = startUpkeep({
    database,
    onDone: (task, seconds) => metrics.upkeepSeconds.observe({ task }, seconds),
    onError: (error) => log.warn({ err: error }, 'The upkeep of the database failed.'),
  })
  lifecycle.opened('upkeep of the database', upkeep, () => upkeep.stop())
}

/** Said before anything else can fail: it is kept nowhere. */
async function makeFirstAdmin(dependencies: Dependencies, say: Say): Promise<void> {
  const made = await openAccounts(dependencies).ensureFirstAdmin()
  if (made === undefined) return
  say(`The first account is made: ${made.username}, password ${made.password}`)
  say('The password is shown this once. To set another: npx triagem user password admin')
}

interface Serving {
  /** Where the API is. */
  readonly url: string
  readonly sockets: SocketImplementation
}

async function openProduct(lifecycle: Lifecycle, dependencies: Dependencies): Promise<Serving> {
  const { config } = dependencies
  await openWorkers(lifecycle, dependencies, taskQueueNames)
  const localKey = createLocalKey()
  const late: { gateway?: Gateway } = {}
  const opened = await openSubjects(lifecycle, dependencies, {
    localKey,
    findSockets: () => late.gateway?.implementation,
  })
  const api = await openApi(lifecycle, dependencies, {
    ...opened,
    findGatewayPort: () => late.gateway?.port ?? 0,
  })
  // After the API, so that it closes before: its sockets get their last frame through the API's tunnel.
  const { served } = opened
  const gateway = await openGateway(lifecycle, dependencies, { host: '127.0.0.1', served })
  late.gateway = gateway
  const url = `http://${urlHost(config.host)}:${api.port}`
  await publishLocalServer(config.dataDir, { url, key: localKey })
  lifecycle.opened('operator key', config.dataDir, withdrawLocalServer)
  await waitForWorkers(dependencies)
  return { url, sockets: gateway.implementation }
}

const urlHost = (host: string) =>
  host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host

const socketNames: Record<SocketImplementation, string> = {
  uws: 'uWebSockets.js',
  ws: `ws (no build of uWebSockets.js loads on Node ${process.versions.node}; the README says how to add one)`,
}

function describeUse({ url, sockets }: Serving, uiUrl: string | undefined): string[] {
  return [
    '',
    `Triagem is ready.  API: ${url}   Docs: ${url}/docs` +
      (uiUrl === undefined ? '' : `   Temporal UI: ${uiUrl}`),
    `Sockets: ${socketNames[sockets]}`,
    ...describeNodeSupport(),
    'Try it:',
    `  curl -s ${url}/classify-email -H 'Content-Type: application/json' -d '{"text":"Bom dia, qual o andamento do meu pedido 4821?"}'`,
    '',
  ]
}

/**
 * What whoever starts the product should know of the Node that runs it: nothing, or one line.
 *
 * @param version as in `process.versions.node`
 */
export function describeNodeSupport(version = process.versions.node): readonly string[] {
  if (!version.startsWith('20.')) return []
  return [
    'Node 20 has had no security updates since 2026-04-30: install Node 24 (https://nodejs.org).',
  ]
}
