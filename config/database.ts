import { z } from 'zod'
import { isUrl, portNumber } from './values.js'

export const databaseShape = {
  DATABASE_URL: z.string().refine(isUrl, 'must be a URL like postgres://user@host/name').optional(),
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
