import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Connection } from '@temporalio/client'
import { loadConfig } from '../../config/load-config.js'
import { freePort } from '../../test/support/free-port.js'
import {
  ensureTemporalCli,
  TemporalCliUnavailableError,
} from '../../commands/one-machine/temporal-binary.js'
import { endOrphan } from '../../commands/one-machine/server-record.js'
import { startTemporalServer } from '../../commands/one-machine/temporal-server.js'
import { BenchSetUpError } from './set-up-error.js'
import { interrupted, type Later } from './with-cleanup.js'

/** The program of the dev server, fetched where it is not there yet. @throws BenchSetUpError that says how to install it */
export async function findTemporalCli(): Promise<string> {
  const { cacheDir, searchPath } = loadConfig(process.env)
  try {
    return await ensureTemporalCli({ cacheDir, path: searchPath, onProgress: console.log })
  } catch (error) {
    if (error instanceof TemporalCliUnavailableError) throw new BenchSetUpError(error.message)
    throw error
  }
}

/** A dev server, started as the product starts it. @returns its address */
export async function openTemporalServer(later: Later): Promise<string> {
  const binary = await findTemporalCli()
  const dataDir = await mkdtemp(join(tmpdir(), 'bench-temporal-'))
  later(() => rm(dataDir, { recursive: true, force: true }))
  const server = await startTemporalServer({
    binary,
    dataDir,
    signal: interrupted,
    port: await freePort(),
    uiPort: await freePort(),
    namespace: 'default',
    log: console.log,
  })
  later(() => server.stop())
  return server.address
}

/** Ends the server of a `triagem start` that was stopped in the midst of its start and could not end it by itself. */
export async function endLeftServer(dataDir: string): Promise<void> {
  await endOrphan(join(dataDir, 'temporal'), console.log)
}

export async function readTemporalVersion(address: string): Promise<string> {
  const connection = await Connection.connect({ address })
  try {
    return (await connection.workflowService.getSystemInfo({})).serverVersion
  } finally {
    await connection.close()
  }
}
