import { fileURLToPath } from 'node:url'
import {
  bundleWorkflowCode,
  DefaultLogger,
  NativeConnection,
  Runtime,
  Worker,
} from '@temporalio/worker'
import * as activities from './activities.js'
import { bareTaskQueue } from './steps.js'

/** A process of its own: `node worker.js ADDRESS`. Says `ready` to its parent once it polls. */
Runtime.install({ logger: new DefaultLogger('WARN'), shutdownSignals: ['SIGTERM'] })
const workflowBundle = await bundleWorkflowCode({
  logger: new DefaultLogger('WARN'),
  workflowsPath: fileURLToPath(new URL('./workflow.js', import.meta.url)),
})
const connection = await NativeConnection.connect({ address: process.argv[2] ?? '' })
const worker = await Worker.create({
  connection,
  taskQueue: bareTaskQueue,
  workflowBundle,
  activities,
  // The same room as the product's worker has.
  maxCachedWorkflows: 200,
  maxConcurrentLocalActivityExecutions: 50,
  maxConcurrentWorkflowTaskExecutions: 40,
})
const ended = worker.run()
process.send?.('ready')
await ended
await connection.close()
process.disconnect()
