import type { ErrorTable } from './http/declared-error.js'
import type { Route } from './http/route.js'

/**
 * What one subject of the product hands over: its folder below routes/ exports a function that makes it
 * from what it needs. To add a subject to the product: one line in commands/processes/subjects.ts.
 */
export interface Subject {
  readonly name: string
  readonly routes: readonly Route[]
  /** No code may be another subject's too. */
  readonly errors: ErrorTable
}
