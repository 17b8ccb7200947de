import { z } from 'zod'
import { isUrl, portNumber } from './values.js'

const isPostgresUrl = (value: string): boolean =>
  isUrl(value) && /^postgres(ql)?:$/.test(new URL(value).protocol)

/** The servers that the product stands on: without these settings it brings its own. */
export const databaseShape = {
  DATABASE_URL: z
    .string()
    .refine(isPostgresUrl, 'must be a URL like postgres://user@host/name')
    .optional(),
  DB_HOST: z.string().optional(),
  DB_PORT: portNumber.default(5432),
  DB_NAME: z.string().default('triagem'),
  DB_USER: z.string().default('triagem'),
  DB_PASSWORD: z.string().default(''),
}

export type DatabaseSetting =
  { readonly kind: 'embedded' } | { readonly kind: 'postgres'; readonly url: string }

export function readDatabase(e: z.infer<z.ZodObject<typeof databaseShape>>): DatabaseSetting {
  if (e.DATABASE_URL !== undefined) return { kind: 'postgres', url: e.DATABASE_URL }
  if (e.DB_HOST === undefined) return { kind: 'embedded' }
  const url = new URL(`postgres://${e.DB_HOST}:${e.DB_PORT}`)
  url.username = encodeURIComponent(e.DB_USER)
  url.password = encodeURIComponent(e.DB_PASSWORD)
  url.pathname = `/${encodeURIComponent(e.DB_NAME)}`
  return { kind: 'postgres', url: url.href }
}

export const temporalShape = {
  TEMPORAL_ADDRESS: z
    .string()
    .regex(/^[^\s:/]+:\d+$/, 'must be host:port')
    .optional(),
  TEMPORAL_NAMESPACE: z.string().default('default'),
  TEMPORAL_PORT: portNumber.default(7233),
  TEMPORAL_UI_PORT: portNumber.default(8233),
  TEMPORAL_UI_ORIGIN: z.string().refine(isUrl, 'must be a URL').optional(),
}
type TemporalEnvironment = z.infer<z.ZodObject<typeof temporalShape>>

export interface TemporalSettings {
  readonly temporal:
    | { readonly kind: 'embedded'; readonly port: number; readonly uiPort: number }
    | { readonly kind: 'server'; readonly address: string }
  readonly temporalNamespace: string
  readonly temporalUiOrigins: readonly string[]
}

export const readTemporal = (e: TemporalEnvironment): TemporalSettings => ({
  temporal:
    e.TEMPORAL_ADDRESS === undefined
      ? { kind: 'embedded', port: e.TEMPORAL_PORT, uiPort: e.TEMPORAL_UI_PORT }
      : { kind: 'server', address: e.TEMPORAL_ADDRESS },
  temporalNamespace: e.TEMPORAL_NAMESPACE,
  temporalUiOrigins: readUiOrigins(e),
})

function readUiOrigins(e: TemporalEnvironment): string[] {
  if (e.TEMPORAL_UI_ORIGIN !== undefined) return [new URL(e.TEMPORAL_UI_ORIGIN).origin]
  if (e.TEMPORAL_ADDRESS !== undefined) return []
  return ['localhost', '127.0.0.1'].map((host) => `http://${host}:${e.TEMPORAL_UI_PORT}`)
}
