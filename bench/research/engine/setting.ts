import type { Embedding } from '../../../engine/embedding/embedding.js'
import type { Ratio } from '../../support/report.js'
import type { Contest } from './contest.js'
import type { Python } from './python.js'

/** What every part of the bench stands on. */
export interface Setting {
  /** The folder of data/ and baselines/. */
  readonly shared: string
  readonly python: Python
  readonly embedding: Embedding
  /** Of each data set at most so many rows, to try the bench. */
  readonly maxRows: number
  /** How often a time is taken. */
  readonly rounds: number
  /** For files between processes. */
  readonly workFolder: string
}

/** What a part measured. */
export interface PartReport {
  /** Rows of equal length, the first one the head. */
  readonly table: readonly (readonly string[])[]
  readonly notes: readonly string[]
  readonly ratios: readonly Ratio[]
  readonly figures: Readonly<Record<string, number>>
  /** Tasks on which the engine met the baseline, for the overview. */
  readonly contests?: readonly Contest[]
}

export type Part = (setting: Setting) => Promise<PartReport>
