import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { bundleWorkflows } from '../workers/bundle-workflows.js'

/** What the product runs besides compiled code, side by side: the workflows as one script, and the models. */
export async function buildAssets(say: (line: string) => void): Promise<void> {
  const model = new Worker(new URL('build-model.js', import.meta.url))
  model.on('message', say)
  // Rejects with what the thread threw.
  await Promise.all([bundleWorkflows(), once(model, 'exit')])
}
