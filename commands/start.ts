import { NativeConnection } from '@temporalio/worker'
import { migrateToLatest } from '../db/migrate.js'
import type { Config } from '../config/load-config.js'
import type { SocketImplementation } from '../api/live/sockets/create-socket-server.js'
import { isLoopback } from '../config/loopback.js'
import { acquireDataDirLock } from './one-machine/data-dir-lock.js'
import { assertPortFree } from './one-machine/ports.js'
import { completeSecrets } from './one-machine/generated-keys.js'
import { describeNodeSupport } from './one-machine/node-support.js'
import { ensureTemporalCli } from './one-machine/temporal-binary.js'
import { startTemporalServer } from './one-machine/temporal-server.js'
import { type Dependencies, openDependencies } from './processes/dependencies.js'
import { runWorkers } from '../workers/run-workers.js'
import { installTemporalRuntime } from '../workers/temporal-runtime.js'
import { taskQueues } from '../workflows/task-queues.js'
import { createLifecycle, type Lifecycle, untilStopped } from './processes/lifecycle.js'
import { createLocalKey, publishLocalServer, withdrawLocalServer } from './data-dir/local-server.js'
import { createLogger } from './processes/logger.js'
import { openAccounts } from './processes/open-accounts.js'
import { openApi, openGateway } from './processes/open-api.js'
import { waitForWorkers } from './processes/wait-for-workers.js'

/** Runs all of Triagem in this process; the Temporal server is its child unless TEMPORAL_ADDRESS names one. */
export async function runStart(config: Config, say: (line: string) => void): Promise<void> {
  const log = createLogger(config, 'triagem')
  installTemporalRuntime(log)
  const lifecycle = createLifecycle(log)
  try {
    const started = await openAll(config, log, lifecycle, say)
    // At once: whoever waits for the first line may read the others.
    say(describeUse(started).join('\n'))
    say(`Stopping (${await untilStopped()})…`)
  } finally {
    await lifecycle.close()
  }
  say('Stopped; nothing is lost.')
}

interface Started {
  readonly url: string
  readonly uiUrl: string | undefined
  readonly sockets: SocketImplementation
}

async function openAll(
  settings: Config,
  log: ReturnType<typeof createLogger>,
  lifecycle: Lifecycle,
  say: (line: string) => void,
): Promise<Started> {
  const lock = await acquireDataDirLock(settings.dataDir)
  lifecycle.opened('lock', lock, () => lock.release())
  // What a killed run has left says nothing of this one.
  await withdrawLocalServer(settings.dataDir)
  const config = { ...settings, secrets: await completeSecrets(settings.secrets, settings.dataDir) }
  // Asked before anything is started; only loopback can be asked for.
  if (isLoopback(config.host) && config.port !== 0) await assertPortFree(config.port, 'PORT')
  const temporal = await openTemporal(config, lifecycle, say)
  say(
    config.database.kind === 'embedded'
      ? 'Opening the database (PGlite in DATA_DIR)…'
      : 'Connecting to PostgreSQL…',
  )
  const workerConnection = await NativeConnection.connect({ address: temporal.address })
  lifecycle.opened('worker connection', workerConnection, () => workerConnection.close())
  const dependencies = await openDependencies({
    config,
    log,
    temporalAddress: temporal.address,
    workerConnection,
  })
  lifecycle.opened('database and Temporal client', dependencies, () => dependencies.close())
  await migrateToLatest(dependencies.database.db)
  await makeFirstAdmin(dependencies, say)
  say('Starting the workers, the gateway and the API…')
  const workers = await runWorkers(dependencies, taskQueues)
  lifecycle.opened('workers', workers, () => workers.stop())
  const gateway = await openGateway(dependencies, '127.0.0.1')
  const localKey = createLocalKey()
  const api = await openApi(dependencies, gateway, localKey).catch(async (error: unknown) => {
    await gateway.close()
    throw error
  })
  lifecycle.opened('API', api, () => api.close())
  // Closes before the API: its sockets are told 1001 through the tunnel, which must still be there.
  lifecycle.opened('gateway', gateway, () => gateway.close())
  const url = `http://${urlHost(config.host)}:${api.port}`
  await publishLocalServer(config.dataDir, { url, key: localKey })
  lifecycle.opened('operator key', config.dataDir, withdrawLocalServer)
  await waitForWorkers(dependencies)
  return { url, uiUrl: temporal.uiUrl, sockets: gateway.implementation }
}

/** Said before anything else can fail: it is kept nowhere. */
async function makeFirstAdmin(
  dependencies: Dependencies,
  say: (line: string) => void,
): Promise<void> {
  const made = await openAccounts(dependencies).ensureFirstAdmin()
  if (made === undefined) return
  say(`The first account is made: ${made.username}, password ${made.password}`)
  say('The password is shown this once. To set another: npx triagem user password admin')
}

async function openTemporal(
  config: Config,
  lifecycle: Lifecycle,
  say: (line: string) => void,
): Promise<{ address: string; uiUrl: string | undefined }> {
  const { temporal } = config
  if (temporal.kind === 'server') return { address: temporal.address, uiUrl: undefined }
  const binary = await ensureTemporalCli({
    cacheDir: config.cacheDir,
    path: config.searchPath,
    onProgress: say,
  })
  say('Starting the Temporal server…')
  const server = await startTemporalServer({
    binary,
    dataDir: config.dataDir,
    port: temporal.port,
    uiPort: temporal.uiPort,
    namespace: config.temporalNamespace,
    codecEndpoint: `http://localhost:${config.port}/codec`,
    log: say,
  })
  lifecycle.opened('Temporal server', server, () => server.stop())
  return { address: server.address, uiUrl: server.uiUrl }
}

const urlHost = (host: string) =>
  host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host

const socketNames: Record<SocketImplementation, string> = {
  uws: 'uWebSockets.js',
  ws: `ws (no build of uWebSockets.js loads on Node ${process.versions.node}; the README says how to add one)`,
}

function describeUse({ url, uiUrl, sockets }: Started): string[] {
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
