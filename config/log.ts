import { z } from 'zod'
import { flag } from './values.js'

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

export const logShape = {
  DEBUG: flag.default(false),
  LOG_LEVEL: z.enum(logLevels).default('info'),
}

export interface LogSettings {
  readonly debug: boolean
  readonly logLevel: string
}

export const readLog = (e: z.infer<z.ZodObject<typeof logShape>>): LogSettings => ({
  debug: e.DEBUG,
  logLevel: e.LOG_LEVEL,
})
