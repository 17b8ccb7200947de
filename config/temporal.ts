import { z } from 'zod'
import { isUrl, portNumber } from './values.js'

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
