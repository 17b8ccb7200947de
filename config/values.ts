import { z } from 'zod'

/** How settings are written, whichever they are. */
export const portNumber = z.coerce.number().int().min(0).max(65_535)
export const countFromOne = z.coerce.number().int().min(1)
export const flag = z.stringbool()
export const isUrl = (value: string): boolean => URL.canParse(value)

/** A comma list; what is between the commas is trimmed, nothing is no item. */
export function readList(value: string): string[] {
  return value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
}
