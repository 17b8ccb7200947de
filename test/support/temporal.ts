import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TestWorkflowEnvironment } from '@temporalio/testing'
import { Runtime } from '@temporalio/worker'
import { pino } from 'pino'
import {
  startTemporalServer,
  type TemporalServer,
} from '../../commands/one-machine/temporal-server.js'
import { serializeError } from '../../commands/processes/logger.js'
import { installTemporalRuntime } from '../../workers/worker.js'
import { freePort } from './free-port.js'
import { getTemporalCli, getTemporalTestServer } from './temporal-binaries.js'

const lines: string[] = []

/** Every line that workers of this process have logged, at `warn` or above. */
export const temporalLines: readonly string[] = lines

installTemporalRuntime(
  pino(
    { level: 'warn', serializers: { err: serializeError } },
    { write: (line: string) => void lines.push(line) },
  ),
)

let timeSkipping: Promise<TestWorkflowEnvironment> | undefined
let server: Promise<{ server: TemporalServer; dataDir: string }> | undefined

/** One time-skipping server for all workflow tests of this process. */
export async function getTimeSkippingEnvironment(): Promise<TestWorkflowEnvironment> {
  timeSkipping ??= createTimeSkipping()
  return await timeSkipping
}

async function createTimeSkipping(): Promise<TestWorkflowEnvironment> {
  const path = await getTemporalTestServer()
  return await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path } },
  })
}

/** One real dev server, started as the product starts it: for schedules, visibility, resets. */
export async function getTemporalServer(): Promise<TemporalServer> {
  server ??= (async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'triagem-temporal-'))
    const started = await startTemporalServer({
      binary: await getTemporalCli(),
      dataDir,
      port: await freePort(),
      uiPort: await freePort(),
      namespace: 'default',
      log: () => undefined,
    })
    return { server: started, dataDir }
  })()
  return (await server).server
}

/** For the root hook alone. */
export async function closeTemporal(): Promise<void> {
  await (await timeSkipping)?.teardown()
  const running = await server
  await running?.server.stop()
  if (running !== undefined) await rm(running.dataDir, { recursive: true, force: true })
  timeSkipping = undefined
  server = undefined
  // It ends by itself after its last worker; where there was none it would keep mocha from ending.
  await Runtime.instance().shutdown()
}
