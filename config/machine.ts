import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { ConfigError, countFromOne, flag, portNumber, readList } from './values.js'

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

/** A process and the machine around it: where it listens and for whom, its folders, what it logs. */
export const machineShape = {
  HOST: z.string().default('127.0.0.1'),
  PORT: portNumber.default(8000),
  GATEWAY_PORT: portNumber.default(0),
  METRICS_PORT: portNumber.optional(),
  TRUST_PROXY: z.union([z.coerce.number().int().min(0).max(10), flag.transform(Number)]).default(0),
  ALLOWED_HOSTS: z.string().default(''),
  FRONTEND_URL: z.string().optional(),
  ALLOWED_ORIGINS: z.string().optional(),
  SOCKETS_PER_ADDRESS: countFromOne.default(5000),
  MAIL_SOCKETS_PER_MINUTE: countFromOne.default(300),
  DATA_DIR: z.string().default('./data'),
  XDG_CACHE_HOME: z.string().optional(),
  PATH: z.string().default(''),
  DEBUG: flag.default(false),
  LOG_LEVEL: z.enum(logLevels).default('info'),
}
type MachineEnvironment = z.infer<z.ZodObject<typeof machineShape>>

export interface MachineSettings {
  readonly host: string
  readonly port: number
  readonly gatewayPort: number
  readonly metricsPort: number | undefined
  readonly trustedProxies: number
  readonly allowedHosts: readonly string[]
  readonly allowedOrigins: readonly string[]
  readonly socketsPerAddress: number
  /** Sockets for internal mail that one address may open in a minute. */
  readonly mailSocketsPerMinute: number
  readonly dataDir: string
  /** Where programs that were fetched are kept from one start to the next. */
  readonly cacheDir: string
  /** Folders with programs, as in PATH. */
  readonly searchPath: string
  readonly debug: boolean
  readonly logLevel: string
}

export const readMachine = (e: MachineEnvironment): MachineSettings => ({
  host: e.HOST,
  port: e.PORT,
  gatewayPort: e.GATEWAY_PORT,
  metricsPort: e.METRICS_PORT,
  trustedProxies: e.TRUST_PROXY,
  allowedHosts: readList(e.ALLOWED_HOSTS).map((host) => host.toLowerCase()),
  allowedOrigins: readOrigins(e),
  socketsPerAddress: e.SOCKETS_PER_ADDRESS,
  mailSocketsPerMinute: e.MAIL_SOCKETS_PER_MINUTE,
  dataDir: resolve(e.DATA_DIR),
  cacheDir: join(e.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'triagem'),
  searchPath: e.PATH,
  debug: e.DEBUG,
  logLevel: e.LOG_LEVEL,
})

function readOrigins(e: MachineEnvironment): string[] {
  const setting = e.FRONTEND_URL ?? e.ALLOWED_ORIGINS
  const values = readList(setting ?? 'http://localhost:3000,http://127.0.0.1:3000')
  return values.map((value) => {
    if (!URL.canParse(value))
      throw new ConfigError(
        'FRONTEND_URL (or ALLOWED_ORIGINS) must list origins like http://host:3000.',
      )
    return new URL(value).origin
  })
}
