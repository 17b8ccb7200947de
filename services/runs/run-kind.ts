import type { Transaction } from 'kysely'
import type { Scope } from '../../config/access.js'
import type { Db } from '../../db/database.js'
import type { KeyRing } from '../../db/key-ring.js'
import type { Database } from '../../db/schema/database.js'
import { commonRunErrors, type RunRow } from '../../db/schema/runs.js'
import type { Language } from '../../engine/labels.js'
import type { RunWorkflow } from '../../workflow-definitions.js'

/** Said in each language that people read here. */
export type Words = Readonly<Record<Language, string>>

/** One kind of what takes time. What differs between kinds is here; the rest is the same for all. */
export interface RunKind<Name extends string = string> {
  /** As `runs.kind` has it. */
  readonly name: Name
  readonly workflow: RunWorkflow<Name>
  /** Whoever has this scope sees the runs of this kind in lists. */
  readonly scope: Scope
  /** What each of its own steps is called. */
  readonly steps: Readonly<Record<string, Words>>
  /** What each of its own errors says, and what to do. */
  readonly errors: Readonly<Record<string, Words>>
  /** Finds what completed runs gave; undefined for a kind whose runs have no result. */
  readonly findResults?: RunResultFinder
  /** Removes what only the run holds, in the transaction that removes the run. */
  removeContent(trx: Transaction<Database>, runId: string): Promise<void>
}

/**
 * Gives for each run that has a result a function that opens it, as JSON that its client may see: a result whose key
 * is gone must not keep others from being read.
 */
export type RunResultFinder<Result = unknown> = (
  input: ResultSource,
  ids: readonly string[],
) => Promise<ReadonlyMap<string, () => Result>>

export interface ResultSource {
  readonly db: Db
  readonly keys: KeyRing
}

/** Finds the results of the completed ones among runs of any kinds. */
export async function findResults(
  input: ResultSource & { readonly findKind: FindRunKind },
  rows: readonly Pick<RunRow, 'id' | 'kind' | 'status'>[],
): Promise<ReadonlyMap<string, () => unknown>> {
  const completed = rows.filter(({ status }) => status === 'completed')
  const kinds = new Set(completed.map(({ kind }) => kind))
  const found = await Promise.all(
    [...kinds].map(async (name) => {
      const ids = completed.filter(({ kind }) => kind === name).map(({ id }) => id)
      return await input.findKind(name)?.findResults?.(input, ids)
    }),
  )
  return new Map(found.flatMap((results) => [...(results ?? [])]))
}

/** Finds a kind by its name. @returns undefined for a kind of another version, which has one that this lacks */
export type FindRunKind = (name: string) => RunKind | undefined

/** @throws Error where two kinds have one name */
export function createFindRunKind(kinds: readonly RunKind[]): FindRunKind {
  const byName = new Map(kinds.map((kind) => [kind.name, kind]))
  if (byName.size !== kinds.length) throw new Error('Two kinds of run have the same name.')
  return (name) => byName.get(name)
}

/** Whether a run of this kind may fail by this error: one of its own, or one that all have. */
export const isRunError = (kind: RunKind | undefined, error: string): boolean =>
  (commonRunErrors as readonly string[]).includes(error) ||
  (kind !== undefined && Object.hasOwn(kind.errors, error))

/** A run as its workflow is found by. */
export type RunReference = Pick<RunRow, 'id' | 'kind'>
