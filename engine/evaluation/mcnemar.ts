export interface McNemar {
  /** Rows that only this model has right, and only the other. */
  readonly onlyThis: number
  readonly onlyOther: number
  readonly method: 'exact' | 'chi-square'
  /** Two-sided: how likely so uneven a count is when both models are equally good. */
  readonly p: number
}

/** With fewer rows of different outcome the exact binomial test is used. */
const enoughForChiSquare = 25

/**
 * McNemar's test whether two models judge the same rows equally well, as Dietterich recommends it ("Approximate Statistical
 * Tests for Comparing Supervised Classification Learning Algorithms", Neural Computation 10, 1998): chi-square of one
 * degree with Edwards' continuity correction; the exact binomial test for few rows.
 */
export function testMcNemar(onlyThis: number, onlyOther: number): McNemar {
  const uneven = onlyThis + onlyOther
  if (uneven < enoughForChiSquare) {
    const p = Math.min(1, 2 * binomialTail(Math.min(onlyThis, onlyOther), uneven))
    return { onlyThis, onlyOther, method: 'exact', p }
  }
  const distance = Math.max(0, Math.abs(onlyThis - onlyOther) - 1)
  const chiSquare = (distance * distance) / uneven
  return { onlyThis, onlyOther, method: 'chi-square', p: complementOfErf(Math.sqrt(chiSquare / 2)) }
}

/** The probability of at most `max` heads in `throws` of a fair coin. */
function binomialTail(max: number, throws: number): number {
  let term = 0.5 ** throws
  let sum = 0
  for (let heads = 0; heads <= max; heads++) {
    sum += term
    term *= (throws - heads) / (heads + 1)
  }
  return sum
}

const chebyshev = [
  -1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587,
  -0.82215223, 0.17087277,
]

/** erfc(x) for x ≥ 0, its relative error below 1.2e-7: `erfcc` of Press et al., "Numerical Recipes in C", 2nd ed., 6.2. */
function complementOfErf(x: number): number {
  const t = 1 / (1 + x / 2)
  const power = chebyshev.reduceRight((sum, factor) => sum * t + factor, 0)
  return Math.min(1, t * Math.exp(-x * x + power))
}
