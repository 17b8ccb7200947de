import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker'
import { workflowBundlePath } from './worker.js'

/**
 * Bundles what a file exports as workflows.
 *
 * @param workflowsPath compiled; the product's own unless told
 */
export async function bundleWorkflows(
  workflowsPath = findBuilt('../workflows/index.js'),
  bundlePath = workflowBundlePath,
): Promise<void> {
  const { code } = await bundleWorkflowCode({
    logger: new DefaultLogger('WARN'),
    workflowsPath,
    // Evaluated once in a sandbox instead of once in each workflow: they hold no state.
    preloadModules: [findBuilt('../workflows/sandbox.js'), workflowsPath],
    failureConverterPath: findBuilt('../services/adapters/failure-converter.cjs'),
  })
  await mkdir(dirname(bundlePath), { recursive: true })
  await writeFile(bundlePath, code)
}

const findBuilt = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
