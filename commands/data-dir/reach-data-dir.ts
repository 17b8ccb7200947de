import {
  acquireDataDirLock,
  type DataDirLock,
  DataDirInUseError,
} from '../one-machine/data-dir-lock.js'
import { findLocalServer, type LocalServer } from './local-server.js'

/** How a command comes to what is in DATA_DIR: by itself, or through the server that runs on it. */
export type DataDirAccess =
  | { readonly kind: 'own'; readonly lock: DataDirLock }
  /** Looked up anew each time: a server that was started again has another key. */
  | { readonly kind: 'served'; readonly findServer: () => Promise<LocalServer> }

/**
 * Takes the lock that a server takes, which is never beside one.
 *
 * @throws Error where whoever holds it does not serve
 */
export async function reachDataDir(dataDir: string): Promise<DataDirAccess> {
  try {
    return { kind: 'own', lock: await acquireDataDirLock(dataDir) }
  } catch (error) {
    if (!(error instanceof DataDirInUseError)) throw error
    const findServer = () => getServer(dataDir, error.pid)
    await findServer()
    return { kind: 'served', findServer }
  }
}

async function getServer(dataDir: string, pid: number): Promise<LocalServer> {
  const server = await findLocalServer(dataDir)
  if (server !== undefined) return server
  throw new Error(
    `The running process ${pid} holds DATA_DIR and does not serve yet: try again in a moment.`,
  )
}
