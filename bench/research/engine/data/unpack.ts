import { z } from 'zod'
import { parseJsonLines } from '../json-lines.js'
import type { Python } from '../python.js'

const fileSchema = z.object({ name: z.string(), content: z.string() })

/** The files in a .tar.xz (read as Latin-1), or the one in an .xz (as UTF-8). */
export async function unpack(
  python: Python,
  path: string,
): Promise<readonly z.infer<typeof fileSchema>[]> {
  return parseJsonLines(fileSchema, await python.run('unpack.py', path))
}
