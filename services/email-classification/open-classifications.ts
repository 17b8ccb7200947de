import { LRUCache } from 'lru-cache'
import type { Db } from '../../db/database.js'
import {
  findCallerOfOpen,
  findOpenClassification,
  updateExtracted,
  updateOutcome,
} from '../../db/classifications.js'
import { type KeyRing, openText, sealJson, sealText } from '../../db/key-ring.js'
import { classificationPlace } from '../../db/seal-places.js'
import type { ClassificationRow, TextSource } from '../../db/schema/email-classification.js'
import type { Sealed } from '../../db/sealed.js'
import { RunOverError } from '../runs/run-over-error.js'
import type { Outcome } from './email-result.js'

/** A classification that is not over, as its steps see it: its texts are open. */
export interface OpenClassification {
  readonly source: TextSource
  /** Undefined for a file that was not read yet. */
  readonly text: string | undefined
  /** What is known so far. */
  readonly outcome: Outcome | undefined
}

/**
 * Reads and writes classifications for their steps. Five steps in a row need not read and unseal one row five
 * times: what this process saw of a row a moment ago is kept. That is a shortcut only: a text never changes,
 * and whether a run is over the row says whenever a step writes.
 */
export interface OpenClassifications {
  /** Reads the row. @returns undefined where the run is over or gone */
  find(runId: string): Promise<OpenClassification | undefined>
  /** Reads the row: for steps outside the workflow task, which another process may have gone before. @throws RunOverError */
  get(runId: string): Promise<OpenClassification>
  /** @throws RunOverError, or Error where the file was not read yet */
  getText(runId: string): Promise<string>
  /** @throws RunOverError, or Error where the text was not classified yet */
  getOutcome(runId: string): Promise<Outcome>
  /** Who sent it, by a keyed hash; the same empty one for all that nothing is known of. @throws RunOverError */
  getCaller(runId: string): Promise<string>
  /** The bytes of a file. @throws RunOverError */
  getFile(runId: string): Promise<Buffer>
  storeText(runId: string, text: string): Promise<void>
  /** @throws RunOverError */
  storeOutcome(runId: string, outcome: Outcome): Promise<void>
}

/** With the longest texts these are a few megabytes. */
const maxKept = 100
const maxKeptCharacters = 50_000
/** A run lasts seconds; nothing of one that has ended is kept for longer. */
const keptMs = 60_000

export function createOpenClassifications(db: Db, keys: KeyRing): OpenClassifications {
  const recent = new LRUCache<string, OpenClassification>({ max: maxKept, ttl: keptMs })

  function keep(runId: string, opened: OpenClassification): OpenClassification {
    if ((opened.text?.length ?? 0) <= maxKeptCharacters) recent.set(runId, opened)
    return opened
  }

  async function find(runId: string): Promise<OpenClassification | undefined> {
    const row = await findOpenClassification(db, runId)
    if (row !== undefined) return keep(runId, openRow(row, keys))
    recent.delete(runId)
    return undefined
  }

  async function get(runId: string): Promise<OpenClassification> {
    const opened = await find(runId)
    if (opened === undefined) throw new RunOverError()
    return opened
  }

  /** What isn't among the kept may have come by another process since: the row knows. */
  async function getPart<Part extends 'text' | 'outcome'>(
    runId: string,
    part: Part,
  ): Promise<NonNullable<OpenClassification[Part]>> {
    const value = recent.get(runId)?.[part] ?? (await get(runId))[part]
    if (value === undefined) throw new Error(`The run has no ${part} yet.`)
    return value
  }

  return {
    find,
    get,
    getText: (runId) => getPart(runId, 'text'),
    getOutcome: (runId) => getPart(runId, 'outcome'),
    getCaller: async (runId) => {
      const row = await findCallerOfOpen(db, runId)
      if (row === undefined) throw new RunOverError()
      return row.caller ?? ''
    },
    getFile: async (runId) => {
      const row = await findOpenClassification(db, runId)
      if (row === undefined) throw new RunOverError()
      return keys.open(row.content, classificationPlace('content', runId))
    },
    storeText: async (runId, text) => {
      await updateExtracted(
        db,
        runId,
        sealText(keys, text, classificationPlace('extracted', runId)),
      )
    },
    storeOutcome: async (runId, outcome) => {
      const sealed = sealJson(keys, outcome, classificationPlace('outcome', runId))
      if (!(await updateOutcome(db, runId, sealed))) {
        recent.delete(runId)
        throw new RunOverError()
      }
      const opened = recent.get(runId)
      if (opened !== undefined) keep(runId, { ...opened, outcome })
    },
  }
}

function openRow(row: ClassificationRow, keys: KeyRing): OpenClassification {
  const { id, source, content, extracted } = row
  const open = (column: 'content' | 'extracted' | 'outcome', sealed: Sealed | null) =>
    sealed === null ? undefined : openText(keys, sealed, classificationPlace(column, id))
  const outcome = open('outcome', row.outcome)
  return {
    source,
    text:
      open('extracted', extracted) ?? (source === 'text' ? open('content', content) : undefined),
    outcome: outcome === undefined ? undefined : (JSON.parse(outcome) as Outcome),
  }
}
