import { z } from 'zod'
import { ConfigError } from './config-error.js'
import { countFromOne, flag, portNumber, readList } from './values.js'

export const networkShape = {
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
}
type NetworkEnvironment = z.infer<z.ZodObject<typeof networkShape>>

export interface NetworkSettings {
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
}

export const readNetwork = (e: NetworkEnvironment): NetworkSettings => ({
  host: e.HOST,
  port: e.PORT,
  gatewayPort: e.GATEWAY_PORT,
  metricsPort: e.METRICS_PORT,
  trustedProxies: e.TRUST_PROXY,
  allowedHosts: readList(e.ALLOWED_HOSTS).map((host) => host.toLowerCase()),
  allowedOrigins: readOrigins(e),
  socketsPerAddress: e.SOCKETS_PER_ADDRESS,
  mailSocketsPerMinute: e.MAIL_SOCKETS_PER_MINUTE,
})

function readOrigins(e: NetworkEnvironment): string[] {
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
