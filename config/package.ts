import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'

/** The folder that holds package.json, whether this file runs from the sources or from dist/. */
export const packageRoot = findPackageRoot(dirname(fileURLToPath(import.meta.url)))

function findPackageRoot(folder: string): string {
  if (existsSync(join(folder, 'package.json'))) return folder
  const parent = dirname(folder)
  if (parent === folder) throw new Error('package.json not found above ' + folder)
  return findPackageRoot(parent)
}

const manifest = z.object({ version: z.string() })

/** The version in package.json. */
export const packageVersion = manifest.parse(
  JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')),
).version
