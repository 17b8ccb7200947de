import { defineQuery } from '@temporalio/workflow'
import type { RunProgress } from './db/run-progress.js'

/**
 * What workflows are called and what they take, give and answer: whoever starts, asks or tests one, and the
 * workflow itself, take it from here. Type parameters alone say what a workflow looks like, for nothing but
 * its own bundle may import it.
 */
export interface WorkflowDefinition<Input, Result> {
  /** The name under which workflows/index.ts exports it. */
  readonly type: string
  /** What an operator reads in Temporal's UI. */
  readonly summary: string
  /** Never there: it carries the types. */
  readonly shape?: (input: Input) => Promise<Result>
}

/** What every workflow of a run is given: what it works on is in the rows. */
export interface RunInput {
  readonly runId: string
}

export interface RunResult {
  /** `over`: the run had ended or was gone before this workflow had anything to say. */
  readonly outcome: 'completed' | 'failed' | 'over'
  readonly error?: string
}

export type RunWorkflow<Kind extends string = string> = WorkflowDefinition<RunInput, RunResult> & {
  /** The kind of run that it works on, as `runs.kind` has it. */
  readonly kind: Kind
  /** What the business keys of its workflows begin with: see workflow-ids.ts. */
  readonly idPrefix: string
}

export const classifyEmailWorkflow: RunWorkflow<'classification'> = {
  kind: 'classification',
  type: 'classifyEmail',
  idPrefix: 'classify-email',
  summary: 'Classify one e-mail and draft its answer',
}

export const classifyBatchWorkflow: RunWorkflow<'batch'> = {
  kind: 'batch',
  type: 'classifyBatch',
  idPrefix: 'classify-batch',
  summary: 'Classify many texts',
}

/** The state of a run as its workflow knows it. */
export const progressQuery = defineQuery<RunProgress>('progress')

export interface SweepResult {
  /** Runs whose workflow had never started, or was lost: started now. */
  readonly started: number
  /** Runs whose workflow had been closed from outside: ended now. */
  readonly ended: number
  /** ISO: what was closed before this is known of. */
  readonly sweptAt: string
}

export const sweepRunsWorkflow: WorkflowDefinition<undefined, SweepResult> = {
  type: 'sweepRuns',
  summary: 'Start runs that nothing runs, end runs whose workflow was closed from outside',
}

export interface KeepHouseResult {
  /** What was cleared away: how many of each, by the name of the clean-up. */
  readonly cleared: Readonly<Record<string, number>>
}

export const keepHouseWorkflow: WorkflowDefinition<undefined, KeepHouseResult> = {
  type: 'keepHouse',
  summary: 'Clear away what has expired',
}
