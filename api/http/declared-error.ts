import type { Sentence } from './sentences.js'

/** What an error answers: the status, and a sentence for people that says what to do. */
export interface ErrorAnswer extends Sentence {
  readonly status: number
  /** The Retry-After that goes with it, unless whoever throws it knows better. */
  readonly retryAfterSeconds?: number
}

/** An error as it is declared beside its subject. The code is for programs. */
export interface DeclaredError extends ErrorAnswer {
  readonly code: string
}

/** The errors of one subject by their codes. */
export type ErrorTable = Readonly<Record<string, DeclaredError>>

/** Makes the table of a subject: each error gets the key under which it is written as its code. */
export function declareErrors<Code extends string>(
  answers: Readonly<Record<Code, ErrorAnswer>>,
): Readonly<Record<Code, DeclaredError>> {
  const entries = Object.entries<ErrorAnswer>(answers)
  return Object.fromEntries(entries.map(([code, answer]) => [code, { ...answer, code }])) as Record<
    Code,
    DeclaredError
  >
}

/**
 * One table of all subjects' errors.
 *
 * @throws Error that names a code which two tables declare
 */
export function mergeErrors(tables: readonly ErrorTable[]): ReadonlyMap<string, DeclaredError> {
  const merged = new Map<string, DeclaredError>()
  for (const error of tables.flatMap((table) => Object.values(table))) {
    if (merged.has(error.code)) throw new Error(`The error ${error.code} is declared twice.`)
    merged.set(error.code, error)
  }
  return merged
}
