import { mkdir, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { assertPortFree, loopback } from './ports.js'
import {
  openServerLog,
  type ServerLog,
  type ServerProcess,
  spawnServer,
  waitUntilServing,
} from './server-process.js'
import { endOrphan, removeServerRecord } from './server-record.js'
import {
  assertTemporalFileReadable,
  measureTemporalFile,
  setTemporalFileAside,
  temporalFileName,
} from './temporal-file.js'

export interface TemporalServerOptions {
  /** Path of a Temporal CLI, as ensureTemporalCli gives it. */
  readonly binary: string
  /** The server's state, record and log are in its folder `temporal`; the caller holds its lock. */
  readonly dataDir: string
  readonly port: number
  readonly uiPort: number
  /** Made at the start if it isn't there. */
  readonly namespace: string
  /** Where the Web UI has payloads decoded. */
  readonly codecEndpoint?: string
  /** Whether to begin with a new file: always, keeping the old one; or where it has passed so many bytes. */
  readonly newFile?: 'keep-old' | number
  /** Takes one line for whatever an operator should know. */
  readonly log: (line: string) => void
  /** Aborted while the server starts: it is ended and the start rejects. */
  readonly signal?: AbortSignal
}

export interface TemporalServer {
  /** host:port of the gRPC frontend. */
  readonly address: string
  readonly uiUrl: string
  /** Of the process that runs now: another one after a restart. */
  readonly pid: number
  /** Ends the server, within 5 s; a second call waits for the same end. */
  stop(): Promise<void>
}

const minBackoffMs = 100
const maxBackoffMs = 10_000
/** A server that ran so long didn't die of what it died of before. */
const steadyAfterMs = 60_000

/**
 * Starts a Temporal dev server as a child, waits until it serves the namespace, and starts it again
 * on the same port whenever it dies by itself. A server that a killed run left behind is ended first.
 * Throws PortInUseError, and an Error with the server's own last line when it doesn't come up.
 */
export async function startTemporalServer(options: TemporalServerOptions): Promise<TemporalServer> {
  const folder = join(resolve(options.dataDir), 'temporal')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await endOrphan(folder, options.log)
  await assertPortFree(options.port, 'TEMPORAL_PORT')
  await assertPortFree(options.uiPort, 'TEMPORAL_UI_PORT')
  const replaced = await replaceFile(folder, options)
  await assertTemporalFileReadable(folder)
  const log = await openServerLog(join(folder, 'server.log'))
  const start = { ...options, folder, serverLog: log }
  const stopping = new AbortController()
  let current = await launch(start, options.signal).catch(async (error: unknown) => {
    await log.close()
    throw error
  })
  if (replaced !== undefined && options.newFile !== 'keep-old')
    await rm(replaced, { recursive: true, force: true })
  const supervised = supervise(start, current, stopping.signal, (next) => {
    current = next
  })
  const stop = async (): Promise<void> => {
    stopping.abort()
    await current.end()
    await supervised
    await removeServerRecord(folder)
    await log.close()
  }
  let stopped: Promise<void> | undefined
  return {
    address: `${loopback}:${options.port}`,
    uiUrl: `http://${loopback}:${options.uiPort}`,
    get pid() {
      return current.pid
    },
    stop: () => (stopped ??= stop()),
  }
}

/**
 * The file never shrinks by itself, and may be damaged. What is open begins again from the rows of the database.
 *
 * @returns the folder in which the old one is now
 */
async function replaceFile(
  folder: string,
  { newFile = Infinity, log }: TemporalServerOptions,
): Promise<string | undefined> {
  const bytes = await measureTemporalFile(folder)
  if (newFile !== 'keep-old' && bytes <= newFile) return undefined
  const aside = await setTemporalFileAside(folder)
  if (aside === undefined) return undefined
  log(
    newFile === 'keep-old'
      ? `Temporal's file is set aside in ${aside}. Open runs begin again within two minutes.`
      : `Temporal's file has grown to ${Math.round(bytes / 1024 ** 2)} MB and is begun anew. Open runs begin again within two minutes.`,
  )
  return aside
}

interface Start extends TemporalServerOptions {
  readonly folder: string
  readonly serverLog: ServerLog
}

async function supervise(
  start: Start,
  first: ServerProcess,
  stopping: AbortSignal,
  onRestart: (next: ServerProcess) => void,
): Promise<void> {
  let [running, upSince, failures] = [first, Date.now(), 0]
  for (;;) {
    const end = await running.exited
    if (stopping.aborted) return
    start.log(`The Temporal server ended by itself (${end}); starting it again.`)
    if (Date.now() - upSince > steadyAfterMs) failures = 0
    const relaunched = await relaunch(start, stopping, failures, onRestart)
    if (relaunched === undefined) return
    ;({ running, failures } = relaunched)
    upSince = Date.now()
    start.log(`The Temporal server is back (pid ${running.pid}).`)
  }
}

/** Tries until a server answers, less and less often; undefined once it is told to stop. */
async function relaunch(
  start: Start,
  stopping: AbortSignal,
  failuresBefore: number,
  onRestart: (next: ServerProcess) => void,
): Promise<{ running: ServerProcess; failures: number } | undefined> {
  for (let failures = failuresBefore; ; failures += 1) {
    const backoffMs = Math.min(minBackoffMs * 2 ** failures, maxBackoffMs)
    try {
      await delay(backoffMs, undefined, { signal: stopping })
      const running = await launch(start, stopping)
      // From here on stop() knows this process; a stop that came before left it to us.
      onRestart(running)
      if (!stopping.aborted) return { running, failures: failures + 1 }
      await running.end()
      return undefined
    } catch (error) {
      if (stopping.aborted) return undefined
      start.log(error instanceof Error ? error.message : String(error))
    }
  }
}

/** A server that answers; one that doesn't come up, or is no longer wanted, is ended. */
async function launch(start: Start, signal?: AbortSignal): Promise<ServerProcess> {
  signal?.throwIfAborted()
  const server = await spawnServer(
    start.binary,
    serverArguments(start),
    start.folder,
    start.serverLog.fd,
  )
  try {
    await waitUntilServing(server, start, signal)
    return server
  } catch (error) {
    await server.end()
    throw error
  }
}

function serverArguments({ folder, port, uiPort, namespace, codecEndpoint }: Start): string[] {
  return [
    ...['server', 'start-dev', '--headless=false'],
    ...['--db-filename', join(folder, temporalFileName)],
    // Together they double the throughput of the default journal.
    ...['--sqlite-pragma', 'journal_mode=WAL', '--sqlite-pragma', 'synchronous=normal'],
    // The default of 20 polls a second costs 50 ms between any two steps of a workflow.
    ...['--dynamic-config-value', 'history.transferProcessorMaxPollRPS=1000'],
    // By default a backlog lets new tasks pass old ones, by half a minute: tasks lie in four partitions, and each partition's
    // matcher prefers what has just come. Those that lie in the other three are still read.
    ...['--dynamic-config-value', 'matching.numTaskqueueWritePartitions=1'],
    ...['--dynamic-config-value', 'matching.useNewMatcher=true'],
    ...['--ip', loopback, '--port', String(port), '--ui-port', String(uiPort)],
    ...['--namespace', namespace, '--log-level', 'error'],
    ...(codecEndpoint === undefined ? [] : ['--ui-codec-endpoint', codecEndpoint]),
  ]
}
