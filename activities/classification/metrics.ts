export interface Quality {
  readonly examples: number
  readonly accuracy: number
  /** The mean over labels of the harmonic mean of precision and recall; labels never seen are left out. */
  readonly macroF1: number
}

export interface Judged {
  readonly target: number
  readonly predicted: number
}

/** Measures predictions against the truth; 0 for none. */
export function measureQuality(judged: readonly Judged[]): Quality {
  const right = judged.filter(({ target, predicted }) => target === predicted).length
  const labels = [...new Set(judged.map(({ target }) => target))]
  const sum = labels.reduce((total, label) => total + f1(judged, label), 0)
  return {
    examples: judged.length,
    accuracy: judged.length === 0 ? 0 : right / judged.length,
    macroF1: labels.length === 0 ? 0 : sum / labels.length,
  }
}

function f1(judged: readonly Judged[], label: number): number {
  const actual = judged.filter(({ target }) => target === label)
  const found = judged.filter(({ predicted }) => predicted === label)
  const hits = actual.filter(({ predicted }) => predicted === label).length
  return (2 * hits) / (actual.length + found.length)
}
