/** One figure that has an aim. */
export interface Ratio {
  readonly name: string
  readonly value: number
  readonly op: '<=' | '>='
  readonly aim: number
}

/** What a bench measured, for programs. */
export interface BenchSummary {
  readonly bench: string
  readonly ratios: readonly Ratio[]
  readonly figures: Readonly<Record<string, number>>
}

/** What a bench measured, for people too. */
export interface BenchReport extends BenchSummary {
  /** Rows of equal length, the first one the head. */
  readonly table: readonly (readonly string[])[]
  /** How it was measured: one sentence each, in the order of reading. */
  readonly notes: readonly string[]
  /** Name -> version of what it was compared with or stood on. */
  readonly peers: Readonly<Record<string, string>>
  /** Whether it had the size that the aims are about: only then is it kept. */
  readonly fullSize: boolean
}

/** Whether a ratio's aim was met. */
export const isMet = ({ value, op, aim }: Ratio): boolean =>
  op === '<=' ? value <= aim : value >= aim

/** Rounded to so many digits after the point. */
export function round(value: number, digits: number): number {
  return Math.round(value * 10 ** digits) / 10 ** digits
}
