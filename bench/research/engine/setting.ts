import type { Embedding } from '../../../engine/embedding/embedding.js'
import type { Ratio } from '../../support/report.js'
import type { Contest } from './contest.js'
import type { Python } from './python.js'

/** What every part of the bench needs. */
export interface Setting {
  /** The folder of data/ and baselines/. */
  readonly shared: string
  readonly python: Python
  readonly embedding: Embedding
  /** At most this many rows of each data set, to try the bench. */
  readonly maxRows: number
  /** How often each time is measured. */
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
  /** The comparisons with the baseline, for the overview. */
  readonly contests?: readonly Contest[]
}

export type Part = (setting: Setting) => Promise<PartReport>
