import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client, Connection } from '@temporalio/client'
import pg from 'pg'
import { runProgressChannel } from '../../db/run-progress.js'
import { isFinalStatus, runStatuses } from '../../db/schema/runs.js'
import { classifyEmailWorkflow } from '../../workflow-definitions.js'
import { runWorkflowId } from '../../workflow-ids.js'
import { testKeys } from '../support/config.js'
import { runTriagem, type TriagemProcess } from '../support/processes.js'
import { getTemporalServer } from '../support/temporal.js'
import { z } from 'zod'

/** A Temporal server that runs already, if CI gave one: tests that stop Temporal need one of their own. */
export const outsideTemporal = process.env['TEST_TEMPORAL_ADDRESS']

/** What callers send to the cluster's APIs; the second is for who uses up its limit. */
export const caller = { 'x-api-key': 'integration-caller' }
export const greedyCaller = { 'x-api-key': 'integration-greedy-caller' }
export const postLimitPerMinute = 200

/** An API or a gateway, and where it answers. */
export interface Serving {
  readonly process: TriagemProcess
  readonly url: string
}

/** The cluster form on one machine: every part a process of its own. */
export interface Cluster {
  /** To look into the database, and into Temporal, beside the product. */
  readonly database: pg.Pool
  readonly temporal: Client
  /** Settings that every part is given. */
  readonly env: Readonly<Record<string, string>>
  readonly folder: string
  migrate(): Promise<string>
  startApi(env?: Readonly<Record<string, string>>): Promise<Serving>
  startGateway(): Promise<Serving>
  /** @param name its connections to PostgreSQL carry it */
  startWorker(name: string, env?: Readonly<Record<string, string>>): Promise<TriagemProcess>
  /** How often each job's end was notified so far. */
  readonly ends: ReadonlyMap<string, number>
  /** How every run of a job's workflow ended, or RUNNING. */
  listRuns(jobId: string): Promise<string[]>
  /** Processes are ended by endProcesses(), before. */
  close(): Promise<void>
}

export async function openCluster(databaseUrl: string, temporalAddress?: string): Promise<Cluster> {
  const folder = await mkdtemp(join(tmpdir(), 'triagem-cluster-'))
  const address = temporalAddress ?? outsideTemporal ?? (await getTemporalServer()).address
  const connection = await Connection.connect({ address })
  const temporal = new Client({ connection })
  const database = new pg.Pool({ connectionString: databaseUrl })
  database.on('error', () => undefined)
  const listening = await countEnds(databaseUrl)
  const env = {
    ...testKeys,
    DATABASE_URL: databaseUrl,
    TEMPORAL_ADDRESS: address,
    PORT: '0',
    API_KEYS: [caller, greedyCaller].map((headers) => headers['x-api-key']).join(','),
    POST_LIMIT_PER_MINUTE: String(postLimitPerMinute),
    LOG_LEVEL: 'warn',
  }
  const serve = async (
    part: 'api' | 'gateway',
    more: Readonly<Record<string, string>> = {},
  ): Promise<Serving> => {
    const process = runTriagem([part], { ...env, ...more }, folder)
    const [, port] = await process.saying(/listens on 127\.0\.0\.1:(\d+)\./)
    return { process, url: `http://127.0.0.1:${port ?? ''}` }
  }
  return {
    database,
    temporal,
    env,
    folder,
    migrate: async () => {
      const migrating = runTriagem(['migrate'], env, folder)
      await migrating.ended
      return migrating.said().out.trim()
    },
    startApi: (more) => serve('api', more),
    startGateway: () => serve('gateway'),
    startWorker: async (name, more = {}) => {
      const url = new URL(databaseUrl)
      url.searchParams.set('application_name', name)
      const worker = runTriagem(['worker'], { ...env, DATABASE_URL: url.href, ...more }, folder)
      await worker.saying(/The worker serves/)
      return worker
    },
    ends: listening.ends,
    listRuns: (jobId) => listRuns(temporal, jobId),
    close: async () => {
      await listening.close()
      await database.end()
      await connection.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function listRuns({ workflow }: Client, jobId: string): Promise<string[]> {
  const statuses: string[] = []
  const query = `WorkflowId="${runWorkflowId(classifyEmailWorkflow, jobId)}"`
  for await (const { status } of workflow.list({ query })) statuses.push(status.name)
  return statuses
}

const progress = z.object({ id: z.string(), status: z.enum(runStatuses) })

/** Listens as a gateway does, and counts the ends. */
async function countEnds(
  url: string,
): Promise<{ ends: ReadonlyMap<string, number>; close: () => Promise<void> }> {
  const ends = new Map<string, number>()
  const client = new pg.Client({ connectionString: url })
  // A test may stop the server.
  client.on('error', () => undefined)
  client.on('notification', ({ payload }) => {
    const { id, status } = progress.parse(JSON.parse(payload ?? ''))
    if (isFinalStatus(status)) ends.set(id, (ends.get(id) ?? 0) + 1)
  })
  await client.connect()
  await client.query(`listen ${runProgressChannel}`)
  return { ends, close: () => client.end().catch(() => undefined) }
}
