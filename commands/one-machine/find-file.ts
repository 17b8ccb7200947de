import { readdir } from 'node:fs/promises'
import { join } from 'node:path'

/** The path of the plain file of that name somewhere under the folder. Throws when there is none. */
export async function findFile(folder: string, name: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const found = entries.find((entry) => entry.isFile() && entry.name === name)
  if (found === undefined) throw new Error(`no ${name} in it`)
  return join(found.parentPath, found.name)
}
