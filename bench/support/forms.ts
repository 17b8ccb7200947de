import { bareSteps } from '../bare/steps.js'
import { type BareWorkflow, readHistorySize, startBareWorkflow } from '../bare/bare-workflow.js'
import { classifyEmailWorkflow } from '../../workflow-definitions.js'
import { runWorkflowId } from '../../workflow-ids.js'
import { runJob } from './job-client.js'
import { installedVersion } from './package-version.js'
import { noPostgres, openPostgres, readPostgresVersion } from './postgres.js'
import { type Form, forms, type RunningProduct, startProduct } from './product.js'
import { readTemporalVersion } from './temporal.js'
import { withCleanup } from './with-cleanup.js'

/** Both sides of a comparison, warmed up, on one Temporal server. */
export interface Pair {
  readonly form: Form
  readonly product: RunningProduct
  readonly bare: BareWorkflow
  /** Events in the histories of one job and of one bare workflow. */
  readonly events: { readonly product: number; readonly bare: number }
  readonly peers: Readonly<Record<string, string>>
}

const warmUpJobs = 200

/** What a table says of how both sides were compared. */
export const pairNotes = [
  `Peer: a bare workflow of ${bareSteps} local activities that do nothing, as many as a text's classification has; plain payloads, no search attributes, no summaries, no database; its worker is a process of its own with the product's limits, on the same Temporal dev server; its client waits by handle.result().`,
  'Product: `triagem start` (one-machine, PGlite, sockets through the tunnel) or `triagem api`, `gateway` and `worker` as processes (cluster, PostgreSQL, sockets straight to the gateway; the Temporal server is the dev server here too); a POST, then one socket for the job until its final frame.',
  `Both sides run in blocks in turn (A B A B) after ${warmUpJobs} jobs each that don't count; a figure is the median over the blocks.`,
]

/** @param wanted `both`: what this machine can run, said where one form can't */
export async function readForms(wanted: string): Promise<readonly Form[]> {
  const form = forms.find((known) => known === wanted)
  if (form !== undefined) return [form]
  if (wanted !== 'both') throw new Error(`--form is one of: ${forms.join(', ')}, both.`)
  const hasPostgres = await withCleanup(async (later) => (await openPostgres(later)) !== undefined)
  if (hasPostgres) return forms
  console.log(`The cluster form is left out. ${noPostgres}`)
  return ['one-machine']
}

/** Starts both sides, warms them up, checks that they are comparable, and measures. */
export async function withPair<T>(
  form: Form,
  profileFolder: string | undefined,
  measure: (pair: Pair) => Promise<T>,
): Promise<T> {
  return await withCleanup(async (later) => {
    console.log(`Starting the product (${form}) and its peer…`)
    const product = await startProduct(form, { profileFolder }, later)
    const bare = await startBareWorkflow(product.temporalAddress, later)
    const events = await warmUp(product, bare)
    return await measure({ form, product, bare, events, peers: await readPeers(product) })
  })
}

async function warmUp(product: RunningProduct, bare: BareWorkflow): Promise<Pair['events']> {
  let [jobWorkflowId, bareWorkflowId] = ['', '']
  for (let turn = 0; turn < warmUpJobs; turn++) {
    const job = await runJob(product, turn)
    if (job.end !== 'completed') throw new Error(`A job of the warm-up ended ${job.end}.`)
    jobWorkflowId = runWorkflowId(classifyEmailWorkflow, job.id)
    bareWorkflowId = (await bare.run()).workflowId
  }
  const ours = await readHistorySize(bare.client, jobWorkflowId)
  const theirs = await readHistorySize(bare.client, bareWorkflowId)
  if (ours.localActivities !== theirs.localActivities || ours.remoteActivities > 0)
    throw new Error(
      `A job has ${ours.localActivities} local and ${ours.remoteActivities} other steps, the bare workflow ${theirs.localActivities}: make bareSteps the same number.`,
    )
  return { product: ours.events, bare: theirs.events }
}

async function readPeers({
  temporalAddress,
  databaseUrl,
}: RunningProduct): Promise<Record<string, string>> {
  return {
    'Temporal server': await readTemporalVersion(temporalAddress),
    'Temporal SDK': installedVersion('@temporalio/worker'),
    ...(databaseUrl === undefined
      ? { PGlite: installedVersion('@electric-sql/pglite') }
      : { PostgreSQL: await readPostgresVersion(databaseUrl) }),
  }
}
