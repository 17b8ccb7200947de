import type { Context } from 'koa'
import { z } from 'zod'
import type { Db } from '../../../db/database.js'
import { classificationKind } from '../../../db/classifications.js'
import { countOpenRuns, listOpenRuns } from '../../../db/runs.js'
import type { SocketImplementation } from '../../live/gateway.js'
import { toJobStatus } from '../email-classification/job-state.js'
import type { FreeDisk } from '../../../services/housekeeping/free-disk.js'
import type { TemporalHealth } from '../../../services/adapters/temporal-health.js'
import type { Config } from '../../../config/load-config.js'
import { type Authenticate, findCaller } from '../../access/auth.js'
import type { Route } from '../../http/route.js'

export interface HealthRoutesInput {
  readonly db: Db
  readonly version: string
  readonly authenticate: Authenticate
  readonly config: Pick<Config, 'openOnLoopback'>
  /** Asks Temporal whether it is there and whether workers poll. */
  readonly checkTemporal: () => Promise<TemporalHealth>
  readonly disk: Pick<FreeDisk, 'isLow'>
  /** What serves the sockets; undefined where the gateway is another process. */
  readonly findSockets: () => SocketImplementation | undefined
}

const component = z.enum(['healthy', 'unhealthy'])
const healthSchema = z
  .object({
    status: component,
    active_jobs: z.int().describe('open classifications; GET /runs lists runs of every kind'),
    version: z.string(),
    timestamp: z.iso.datetime(),
    components: z.object({ database: component, temporal: component, workers: component }),
    sockets: z.enum(['uws', 'ws']).optional(),
    disk: z.literal('low').optional().describe('there is too little room: new work is refused'),
    jobs: z.array(z.object({ job_id: z.uuid(), status: z.string(), progress: z.int() })),
  })
  .meta({ id: 'Health' })

const shownJobs = 100
const databaseDeadlineMs = 2_000

/** Says what works and what doesn't; the jobs themselves to few, for a uuid is a capability. */
export function createHealthRoute(input: HealthRoutesInput): Route {
  return {
    method: 'get',
    path: '/health',
    summary: 'Whether every part works; 503 names the part that does not',
    tag: 'Operation',
    access: 'public',
    success: {
      description: 'Whether everything works',
      body: healthSchema,
      statuses: [200, 503],
    },
    errors: [],
    handle: async (ctx) => {
      const [{ temporal, workers }, isLow, jobs] = await Promise.all([
        input.checkTemporal(),
        input.disk.isLow(),
        readJobs(input.db, () => mayListJobs(ctx, input)),
      ])
      const healthy = temporal && workers && jobs !== undefined
      const say = (works: boolean) => (works ? 'healthy' : 'unhealthy')
      ctx.status = healthy ? 200 : 503
      ctx.set('Cache-Control', 'no-store')
      ctx.body = {
        status: say(healthy),
        active_jobs: jobs?.count ?? 0,
        version: input.version,
        timestamp: new Date().toISOString(),
        components: {
          database: say(jobs !== undefined),
          temporal: say(temporal),
          workers: say(workers),
        },
        sockets: input.findSockets(),
        disk: isLow ? 'low' : undefined,
        jobs: jobs?.list ?? [],
      } satisfies z.infer<typeof healthSchema>
    },
  }
}

/** Operators may, and where all is open on loopback who shows no credential. A wrong one is a no. */
async function mayListJobs(
  ctx: Context,
  { authenticate, config }: HealthRoutesInput,
): Promise<boolean> {
  const caller = await findCaller(ctx, authenticate)
  if (caller?.id === 'open') return config.openOnLoopback
  return caller?.scopes.includes('operator') ?? false
}

interface ActiveJobs {
  readonly count: number
  readonly list: { job_id: string; status: string; progress: number }[]
}

/** Jobs are what `/job-status` knows: classifications. @returns undefined where the database doesn't answer in time */
async function readJobs(db: Db, mayList: () => Promise<boolean>): Promise<ActiveJobs | undefined> {
  const read = async (): Promise<ActiveJobs> => {
    const count = await countOpenRuns(db, classificationKind)
    const rows =
      count > 0 && (await mayList()) ? await listOpenRuns(db, classificationKind, shownJobs) : []
    return {
      count,
      list: rows.map(({ id, step, progress }) => ({
        job_id: id,
        status: toJobStatus(step),
        progress,
      })),
    }
  }
  let timer: NodeJS.Timeout | undefined
  const deadline = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), databaseDeadlineMs)
  })
  try {
    return await Promise.race([read(), deadline])
  } catch {
    return undefined
  } finally {
    clearTimeout(timer)
  }
}
