import type { Transaction } from 'kysely'
import type { Db } from '../../db/database.js'
import type { KeyRing } from '../../db/key-ring.js'
import type { Database, RunRow } from '../../db/schema.js'
import type { RunWorkflow } from '../../workflow-definitions.js'

/** Said in each language that people read here. */
export type Words = Readonly<Record<'pt' | 'en', string>>

/** One kind of what takes time. What differs between kinds is here; the rest is the same for all. */
export interface RunKind {
  /** As `runs.kind` has it. */
  readonly name: string
  readonly workflow: RunWorkflow
  /** Whoever has this scope sees the runs of this kind in lists. */
  readonly scope: 'classify' | 'finance' | 'chat' | 'mailbox' | 'operator'
  /** What each of its own steps is called. */
  readonly steps: Readonly<Record<string, Words>>
  /** What each of its own errors says, and what to do. */
  readonly errors: Readonly<Record<string, Words>>
  /**
   * What completed runs gave, as JSON that their client may see; a run without a result is absent.
   * Undefined for a kind whose runs have none.
   */
  readonly findResults?: RunResultFinder
  /** Removes what only the run holds, in the transaction that removes the run. */
  removeContent(trx: Transaction<Database>, runId: string): Promise<void>
}

/** @param seals opens what rests sealed */
export type RunResultFinder = (
  input: { readonly db: Db; readonly keys: KeyRing },
  ids: readonly string[],
) => Promise<ReadonlyMap<string, unknown>>

/** Finds a kind by its name. @returns undefined for a kind of another version, which has one that this lacks */
export type FindRunKind = (name: string) => RunKind | undefined

/** @throws Error where two kinds have one name */
export function createFindRunKind(kinds: readonly RunKind[]): FindRunKind {
  const byName = new Map(kinds.map((kind) => [kind.name, kind]))
  if (byName.size !== kinds.length) throw new Error('Two kinds of run have the same name.')
  return (name) => byName.get(name)
}

/** A run as its workflow is found by. */
export type RunReference = Pick<RunRow, 'id' | 'kind'>
