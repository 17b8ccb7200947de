import { bundleWorkflows } from '../workers/bundle-workflows.js'
import { runTrain } from './train.js'

/** What the product runs besides compiled code: the workflows as one script, and the models. */
export async function buildAssets(say: (line: string) => void): Promise<void> {
  say('Bundling the workflows…')
  await bundleWorkflows()
  say('Training the e-mail models…')
  await runTrain(say)
}
