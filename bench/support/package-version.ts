import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { packageRoot } from '../../config/package.js'

const manifest = z.object({ version: z.string() })

/** The installed version of a package that the product or a peer stands on. */
export function installedVersion(name: string): string {
  const file = join(packageRoot, 'node_modules', name, 'package.json')
  return manifest.parse(JSON.parse(readFileSync(file, 'utf8'))).version
}
