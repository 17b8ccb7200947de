import type { GeneratedAlways, Selectable } from 'kysely'
import type { Defaulted } from './columns.js'

/** What a run is doing, whatever its kind. `waiting`: for a time, or for somebody. */
export const runStatuses = ['pending', 'running', 'waiting', 'completed', 'failed'] as const
export type RunStatus = (typeof runStatuses)[number]

export const isFinalStatus = (status: RunStatus): status is 'completed' | 'failed' =>
  status === 'completed' || status === 'failed'

/** Steps that every run has, before and after its kind's own. */
export type CommonRunStep = 'queued' | 'starting' | 'done' | 'stopped'

/** Why a run of any kind may fail; each kind has errors of its own beside them. */
export const commonRunErrors = ['cancelled', 'stopped_outside', 'internal'] as const
export type CommonRunError = (typeof commonRunErrors)[number]

/** What takes time: one row and one workflow. What it works on is in tables of its kind. */
export interface RunsTable {
  readonly id: string
  /** Names a RunKind: see services/runs/run-kind.ts. */
  readonly kind: string
  status: Defaulted<RunStatus>
  /** Not `completed` and not `failed`. */
  readonly is_open: GeneratedAlways<boolean>
  readonly is_waiting: GeneratedAlways<boolean>
  /** A common step or one of its kind; rendered in the reader's language. */
  step: Defaulted<string>
  /** Percent. */
  progress: Defaulted<number>
  /** How many of its items are done; null where it has none to count. */
  done: Defaulted<number | null>
  total: Defaulted<number | null>
  /** A common error or one of its kind; rendered in the reader's language. */
  error: Defaulted<string | null>
  /** (epoch, seq) orders what a run said of itself: epoch is its workflow's start in ms, seq counts in it. */
  epoch: Defaulted<number>
  seq: Defaulted<number>
  /** Until when it waits; null where it doesn't, or where it waits for somebody. */
  waiting_until: Defaulted<Date | null>
  readonly created_at: Defaulted<Date>
  updated_at: Defaulted<Date>
  ended_at: Defaulted<Date | null>
  /** Somebody removed it: what it held is gone, the row stays a while for its sockets and its workflow. */
  removed_at: Defaulted<Date | null>
}

export interface IdempotencyKeysTable {
  /** Route and caller. */
  readonly scope: string
  /** Keyed hash of what the caller sent as Idempotency-Key. */
  readonly key_hash: string
  /** Keyed hash of the request's content. */
  readonly body_hash: string
  /** What the key stands for: a kind of thing, a kind of run for one, and its id. */
  readonly kind: string
  readonly target_id: string
  /** A second caller was given it: it may no longer be taken back. */
  joined: Defaulted<boolean>
  readonly created_at: Defaulted<Date>
}

export type RunRow = Selectable<RunsTable>
