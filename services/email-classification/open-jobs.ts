import type { Db } from '../../db/database.js'
import { findOpenJob, updateExtracted, updateOutcome } from '../../db/jobs.js'
import { type KeyRing, openText, sealJson, sealText } from '../../db/key-ring.js'
import type { JobRow, JobSource } from '../../db/schema.js'
import { jobPlace } from '../../db/seal-places.js'
import type { Sealed } from '../../db/sealed.js'
import { jobOverFailureType, permanentFailure } from '../../activities/failures.js'
import type { Outcome } from './email-job.js'

/** A job that is not over, as its steps see it: opened. */
export interface OpenJob {
  readonly source: JobSource
  /** Undefined for a file that was not read yet. */
  readonly text: string | undefined
  /** What is known so far. */
  readonly outcome: Outcome | undefined
}

/**
 * Reads and writes jobs for their steps. Five steps in a row need not read and unseal one row five times:
 * what this process saw of a job a moment ago is kept. That is a shortcut only, for a text never changes,
 * and whether a job is over is the row's to say whenever a step writes.
 */
export interface OpenJobs {
  /** Reads the row. @returns undefined where the job is over or gone */
  find(jobId: string): Promise<OpenJob | undefined>
  /** Reads the row: for steps outside the workflow task, which another process may have gone before. @throws job_over */
  get(jobId: string): Promise<OpenJob>
  /** @throws job_over, or Error where the file was not read yet */
  getText(jobId: string): Promise<string>
  /** @throws job_over, or Error where the job was not classified yet */
  getOutcome(jobId: string): Promise<Outcome>
  /** The bytes of a file. @throws job_over */
  getFile(jobId: string): Promise<Buffer>
  storeText(jobId: string, text: string): Promise<void>
  /** @throws job_over */
  storeOutcome(jobId: string, outcome: Outcome): Promise<void>
  /** Nothing of a job that has ended is kept. */
  forget(jobId: string): void
}

/** With the longest texts these are a few megabytes. */
const mostKept = 100
const longestKeptText = 50_000

export function createOpenJobs(db: Db, keys: KeyRing): OpenJobs {
  const recent = new Map<string, OpenJob>()

  function keep(jobId: string, job: OpenJob): OpenJob {
    recent.delete(jobId)
    if ((job.text?.length ?? 0) <= longestKeptText) recent.set(jobId, job)
    const [oldest] = recent.keys()
    if (recent.size > mostKept && oldest !== undefined) recent.delete(oldest)
    return job
  }

  async function find(jobId: string): Promise<OpenJob | undefined> {
    const row = await findOpenJob(db, jobId)
    if (row !== undefined) return keep(jobId, openRow(jobId, row, keys))
    recent.delete(jobId)
    return undefined
  }

  async function get(jobId: string): Promise<OpenJob> {
    const job = await find(jobId)
    if (job === undefined) throw jobOver()
    return job
  }

  /** What isn't among the kept may have come by another process since: the row knows. */
  async function getPart<Part extends 'text' | 'outcome'>(
    jobId: string,
    part: Part,
  ): Promise<NonNullable<OpenJob[Part]>> {
    const value = recent.get(jobId)?.[part] ?? (await get(jobId))[part]
    if (value === undefined) throw new Error(`The job has no ${part} yet.`)
    return value
  }

  return {
    find,
    get,
    getText: (jobId) => getPart(jobId, 'text'),
    getOutcome: (jobId) => getPart(jobId, 'outcome'),
    getFile: async (jobId) => {
      const row = await findOpenJob(db, jobId)
      if (row?.content == null) throw jobOver()
      return keys.open(row.content, jobPlace('content', jobId))
    },
    storeText: async (jobId, text) => {
      await updateExtracted(db, jobId, sealText(keys, text, jobPlace('extracted', jobId)))
    },
    storeOutcome: async (jobId, outcome) => {
      const sealed = sealJson(keys, outcome, jobPlace('outcome', jobId))
      if (!(await updateOutcome(db, jobId, sealed))) {
        recent.delete(jobId)
        throw jobOver()
      }
      const job = recent.get(jobId)
      if (job !== undefined) keep(jobId, { ...job, outcome })
    },
    forget: (jobId) => {
      recent.delete(jobId)
    },
  }
}

/** The run ends quietly: somebody cancelled or removed the job. */
export const jobOver = () => permanentFailure(jobOverFailureType, 'The job is over.')

type Row = Pick<JobRow, 'source' | 'content' | 'extracted' | 'outcome'>

function openRow(jobId: string, row: Row, keys: KeyRing): OpenJob {
  const open = (column: 'content' | 'extracted' | 'outcome', sealed: Sealed | null) =>
    sealed === null ? undefined : openText(keys, sealed, jobPlace(column, jobId))
  const { source, content, extracted } = row
  const outcome = open('outcome', row.outcome)
  return {
    source,
    text:
      open('extracted', extracted) ?? (source === 'text' ? open('content', content) : undefined),
    outcome: outcome === undefined ? undefined : (JSON.parse(outcome) as Outcome),
  }
}
