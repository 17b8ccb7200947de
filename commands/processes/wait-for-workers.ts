import { setTimeout as delay } from 'node:timers/promises'
import { checkTemporal } from '../../services/adapters/temporal-health.js'
import { runsTaskQueue } from '../../workflows/task-queues.js'
import type { Dependencies } from './dependencies.js'

const pollMs = 50
const timeoutMs = 30_000

/** @throws Error where no worker polls within 30 s; the log says why */
export async function waitForWorkers({
  client,
  config,
}: Pick<Dependencies, 'client' | 'config'>): Promise<void> {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    const health = await checkTemporal(client, config.temporalNamespace, runsTaskQueue)
    if (health.workers) return
    if (Date.now() > deadline)
      throw new Error('The workers did not start within 30 s: see the log lines above.')
    await delay(pollMs)
  }
}
