import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker'
import { packageRoot } from '../package-root.js'

/** The workflows as one script, made at build time: a start needs no webpack. */
export const workflowBundlePath = join(packageRoot, 'dist', 'workflow-bundle.js')

export async function bundleWorkflows(): Promise<void> {
  const { code } = await bundleWorkflowCode({
    logger: new DefaultLogger('WARN'),
    workflowsPath: fileURLToPath(new URL('../workflows/index.js', import.meta.url)),
    failureConverterPath: fileURLToPath(
      new URL('../activities/adapters/failure-converter.cjs', import.meta.url),
    ),
  })
  await mkdir(dirname(workflowBundlePath), { recursive: true })
  await writeFile(workflowBundlePath, code)
}
