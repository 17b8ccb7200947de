import type { z } from 'zod'

/** Reads a JSON value of one shape a line; blank lines are skipped. @throws where one has another */
export function parseJsonLines<T>(schema: z.ZodType<T>, content: string): T[] {
  return content
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => schema.parse(JSON.parse(line)))
}

export const toJsonLines = (values: readonly object[]): string =>
  values.map((value) => `${JSON.stringify(value)}\n`).join('')
