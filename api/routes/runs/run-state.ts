import { z } from 'zod'
import type { RunNews } from '../../../db/run-progress.js'
import { runStatuses } from '../../../db/schema/runs.js'
import type { FindRunKind } from '../../../services/runs/run-kind.js'
import type { ReaderLanguage } from '../../http/reader-language.js'
import type { RunWithResult } from './run-source.js'
import { renderRunError, renderRunStep } from './run-words.js'

/** A run as clients read it: the same object in lists, by its id and in each frame (contract Common). */
export const runStateSchema = z
  .object({
    id: z.uuid(),
    kind: z.string(),
    status: z.enum(runStatuses),
    step: z.string().describe('in the reader’s language'),
    step_code: z.string(),
    progress: z.int().min(0).max(100),
    done: z.int().nullable().describe('items that are done; null where there are none to count'),
    total: z.int().nullable(),
    error: z.string().nullable().describe('in the reader’s language: what went wrong, what to do'),
    error_code: z.string().nullable(),
    result: z.unknown().describe('what a completed run gave; its shape is of the kind'),
    created_at: z.iso.datetime(),
    ended_at: z.iso.datetime().nullable(),
    seq: z.int(),
    epoch: z.int(),
  })
  .meta({ id: 'Run' })

export type RunState = z.infer<typeof runStateSchema>

export interface RunRenderer {
  /** @throws where no key opens the result */
  readonly renderRow: (row: RunWithResult, language: ReaderLanguage) => RunState
  /** A step on the way: it has neither result nor error. */
  readonly renderProgress: (news: RunNews, language: ReaderLanguage) => RunState
  /** Without the result, as lists have it. */
  readonly renderListed: (row: RunWithResult, language: ReaderLanguage) => RunState
}

export function createRunRenderer(findKind: FindRunKind): RunRenderer {
  const render = (news: RunNews, language: ReaderLanguage): RunState => ({
    id: news.id,
    kind: news.kind,
    status: news.status,
    step: renderRunStep(findKind(news.kind), news.step)[language],
    step_code: news.step,
    progress: news.progress,
    done: news.done,
    total: news.total,
    error: null,
    error_code: null,
    result: null,
    created_at: news.created_at.toISOString(),
    ended_at: null,
    seq: news.seq,
    epoch: news.epoch,
  })
  const renderListed = (row: RunWithResult, language: ReaderLanguage): RunState => ({
    ...render(row, language),
    error: row.error === null ? null : renderRunError(findKind(row.kind), row.error)[language],
    error_code: row.error,
    ended_at: row.ended_at?.toISOString() ?? null,
  })
  return {
    renderProgress: render,
    renderListed,
    renderRow: (row, language) => ({
      ...renderListed(row, language),
      result: row.readResult() ?? null,
    }),
  }
}
