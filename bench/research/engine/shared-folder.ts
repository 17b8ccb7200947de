import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { packageRoot } from '../../../config/package.js'
import { BenchSetUpError } from '../../support/set-up-error.js'

/**
 * The folder of data/ and baselines/: as asked for, or next to the repository.
 * @throws BenchSetUpError that says where it was looked for
 */
export function findSharedFolder(asked: string | undefined): string {
  const folder = resolve(
    asked ?? process.env['TRIAGEM_SHARED'] ?? join(packageRoot, '..', 'shared'),
  )
  if (existsSync(join(folder, 'data')) && existsSync(join(folder, 'baselines'))) return folder
  throw new BenchSetUpError(
    `The engine is measured on data that does not ship, and ${folder} has no data/ and baselines/: name their folder with --shared PATH or TRIAGEM_SHARED.`,
  )
}
