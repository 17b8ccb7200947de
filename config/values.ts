import { isIP } from 'node:net'
import { z } from 'zod'

/** How settings are written, whichever they are. */
export const portNumber = z.coerce.number().int().min(0).max(65_535)
export const countFromOne = z.coerce.number().int().min(1)
export const flag = z.stringbool()

const bytesOf = { b: 1, kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3 } as const

/** A size like `200 MB` or `1 GB`; a bare number is bytes. */
export const byteCount = z.string().transform((value, context) => {
  const [, number, unit = 'b'] = /^(\d+(?:\.\d+)?) ?(b|kb|mb|gb)?$/i.exec(value.trim()) ?? []
  if (number !== undefined)
    return Math.round(Number(number) * bytesOf[unit.toLowerCase() as keyof typeof bytesOf])
  context.addIssue('must be a size like 200 MB or 1 GB')
  return z.NEVER
})

export const isUrl = (value: string): boolean => URL.canParse(value)

/** A comma list; what is between the commas is trimmed, nothing is no item. */
export function readList(value: string): string[] {
  return value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
}

/** A setting that can't be used. The message names it and says what to do; it never holds a value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

/** Whether a host name or address is this machine's loopback: nobody else can call it. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '').toLowerCase()
  if (bare === 'localhost' || bare === '::1' || bare === '::ffff:127.0.0.1') return true
  return isIP(bare) === 4 && bare.startsWith('127.')
}
