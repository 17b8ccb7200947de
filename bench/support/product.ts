import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from '../../test/support/free-port.js'
import { type Child, startChild } from './child.js'
import { noPostgres, openPostgres } from './postgres.js'
import { BenchSetUpError } from './set-up-error.js'
import { endLeftServer, findTemporalCli, openTemporalServer } from './temporal.js'
import type { Later } from './with-cleanup.js'

/** How the product runs: all in one process on PGlite, or a process for each part on PostgreSQL. */
export const forms = ['one-machine', 'cluster'] as const
export type Form = (typeof forms)[number]

/** The product as its users run it: processes of their own. */
export interface RunningProduct {
  readonly url: string
  /** Where sockets go: the tunnel in the one-machine form, the gateway itself in the cluster form. */
  readonly socketUrl: string
  readonly temporalAddress: string
  readonly databaseUrl: string | undefined
  /** Its SECRET_KEY: a bench signs tokens with it, rather than sign in a thousand accounts. */
  readonly signingSecret: string
  /** Its Node processes. */
  readonly pids: readonly number[]
}

/** As `npm start` has it: room for what lives as long as a request, so that it isn't copied again and again. */
const youngGeneration = '--max-semi-space-size=32'

/** Beside this file's own output, whichever folder that is. */
const cli = fileURLToPath(new URL('../../cli.js', import.meta.url))

export interface ProductOptions {
  /** Where the processes leave profiles for Chrome's developer tools when they end. */
  readonly profileFolder: string | undefined
  /** Settings beside those of every bench. */
  readonly env?: Readonly<Record<string, string>>
  /** Called before anything starts: the one-machine form's database can be opened by nobody else later. */
  readonly prepare?: (settings: ProductSettings) => Promise<void>
}

export type ProductSettings = Readonly<Record<'DATA_DIR' | 'ENC_KEY' | 'SECRET_KEY', string>>

/** @throws where the form can't run here */
export async function startProduct(
  form: Form,
  options: ProductOptions,
  later: Later,
): Promise<RunningProduct> {
  switch (form) {
    case 'one-machine':
      return await startOneMachine(options, later)
    case 'cluster':
      return await startCluster(options, later)
  }
}

/** Settings of every part: what protects a real installation from one busy client is out of the way. */
export async function createSettings(
  later: Later,
): Promise<Record<string, string> & ProductSettings> {
  const dataDir = await mkdtemp(join(tmpdir(), 'bench-data-'))
  later(() => rm(dataDir, { recursive: true, force: true }))
  return {
    DATA_DIR: dataDir,
    LOG_LEVEL: 'warn',
    POST_LIMIT_PER_MINUTE: '100000000',
    SOCKETS_PER_ADDRESS: '100000',
    MAIL_SOCKETS_PER_MINUTE: '1000000',
    ENC_KEY: randomKey(),
    HASH_KEY: randomKey(),
    SECRET_KEY: randomKey(),
  }
}

export function startPart(
  command: readonly string[],
  env: Readonly<Record<string, string>>,
  { profileFolder }: ProductOptions,
  later: Later,
): Child {
  const profile =
    profileFolder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`]
  const child = startChild({
    name: `triagem ${command.join(' ')}`,
    program: process.execPath,
    args: [...(command[0] === 'start' ? [youngGeneration] : []), ...profile, cli, ...command],
    env,
    cwd: tmpdir(),
  })
  later(() => child.stop())
  return child
}

export async function isHealthy(url: string): Promise<boolean> {
  return await fetch(`${url}/health`).then(
    async (response) => {
      await response.arrayBuffer()
      return response.status === 200
    },
    () => false,
  )
}

async function startOneMachine(options: ProductOptions, later: Later): Promise<RunningProduct> {
  const [port, temporalPort, uiPort] = [await freePort(), await freePort(), await freePort()]
  const env = {
    ...(await createSettings(later)),
    ...options.env,
    PORT: String(port),
    TEMPORAL_PORT: String(temporalPort),
    TEMPORAL_UI_PORT: String(uiPort),
  }
  later(() => endLeftServer(env.DATA_DIR))
  await findTemporalCli()
  await options.prepare?.(env)
  const child = startPart(['start'], env, options, later)
  const url = `http://127.0.0.1:${port}`
  await child.waitFor('healthy', () => isHealthy(url), 120_000)
  return {
    url,
    socketUrl: url.replace('http', 'ws'),
    temporalAddress: `127.0.0.1:${temporalPort}`,
    databaseUrl: undefined,
    signingSecret: env.SECRET_KEY,
    pids: [child.pid],
  }
}

async function startCluster(options: ProductOptions, later: Later): Promise<RunningProduct> {
  const databaseUrl = await openPostgres(later)
  if (databaseUrl === undefined)
    throw new BenchSetUpError(`The cluster form can't run here. ${noPostgres}`)
  const temporalAddress = await openTemporalServer(later)
  const [port, gatewayPort] = [await freePort(), await freePort()]
  const env = {
    ...(await createSettings(later)),
    DATABASE_URL: databaseUrl,
    TEMPORAL_ADDRESS: temporalAddress,
    PORT: String(port),
  }
  const start = (command: string, more: Readonly<Record<string, string>> = {}) =>
    startPart([command], { ...env, ...more }, options, later)
  const migrate = start('migrate')
  if ((await migrate.ended) !== 0)
    throw new Error(`triagem migrate failed. It said:\n${migrate.output()}`)
  const worker = start('worker')
  const gateway = start('gateway', { GATEWAY_PORT: String(gatewayPort) })
  const api = start('api', { GATEWAY_PORT: String(gatewayPort) })
  const url = `http://127.0.0.1:${port}`
  await gateway.waitFor('listening', () => Promise.resolve(/listens on/.test(gateway.output())))
  await worker.waitFor('serving', () => Promise.resolve(/serves/.test(worker.output())))
  await api.waitFor('healthy', () => isHealthy(url))
  return {
    url,
    socketUrl: `ws://127.0.0.1:${gatewayPort}`,
    temporalAddress,
    databaseUrl,
    signingSecret: env.SECRET_KEY,
    pids: [api.pid, gateway.pid, worker.pid],
  }
}

const randomKey = () => randomBytes(32).toString('hex')
