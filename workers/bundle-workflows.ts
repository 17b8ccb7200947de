import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker'
import { packageRoot } from '../config/package-root.js'

/** The workflows as one script, made at build time: a start needs no webpack. */
export const workflowBundlePath = join(packageRoot, 'dist', 'workflow-bundle.js')

export async function bundleWorkflows(): Promise<void> {
  const workflowsPath = findBuilt('../workflows/index.js')
  const { code } = await bundleWorkflowCode({
    logger: new DefaultLogger('WARN'),
    workflowsPath,
    // Evaluated once in a sandbox instead of once in each workflow: they hold no state.
    preloadModules: [findBuilt('../workflows/sandbox.js'), workflowsPath],
    failureConverterPath: findBuilt('../services/adapters/failure-converter.cjs'),
  })
  await mkdir(dirname(workflowBundlePath), { recursive: true })
  await writeFile(workflowBundlePath, code)
}

const findBuilt = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
