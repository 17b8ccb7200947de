import { constants } from 'node:fs'
import { access, chmod, mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { ConfigError } from '../../config/values.js'

/**
 * Makes DATA_DIR, for its owner alone, with the folders above it.
 *
 * @throws ConfigError that says why it can't be used
 */
export async function makeDataDir(dataDir: string): Promise<void> {
  try {
    await makeFolder(dataDir)
    await access(dataDir, constants.W_OK | constants.X_OK)
  } catch (error) {
    throw new ConfigError(
      `DATA_DIR ${dataDir} can not be used: ${describe(error)}. Set DATA_DIR to a folder that this user may write to.`,
    )
  }
  // It holds keys. One that is shared with a group stays so, apart from others; not every file system has modes.
  const { mode } = await stat(dataDir)
  if ((mode & 0o007) !== 0) await chmod(dataDir, mode & 0o770).catch(() => undefined)
}

/** Step by step: Node's own recursive way never ends below /proc. */
async function makeFolder(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined)
  if (found?.isDirectory() === true) return
  if (found === undefined && dirname(path) !== path) await makeFolder(dirname(path))
  await mkdir(path, { mode: 0o700 }).catch((error: unknown) => {
    if (!(isErrno(error) && error.code === 'EEXIST' && found === undefined)) throw error
  })
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  EROFS: 'the file system is read-only',
  EEXIST: 'a file is in its place',
  ENOTDIR: 'a file is in its place',
  ENOSPC: 'the disk is full',
  ENOENT: 'no folder can be made there',
}

const describe = (error: unknown): string =>
  isErrno(error) ? (reasons[error.code ?? ''] ?? error.code ?? error.message) : String(error)

const isErrno = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && 'code' in error
