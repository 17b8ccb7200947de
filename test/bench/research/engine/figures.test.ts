import assert from 'node:assert/strict'
import { tmpdir } from 'node:os'
import type { JudgedRow } from '../../../../engine/evaluation/judged-row.js'
import { compareWithBaseline, hold, isAbove } from '../../../../bench/research/engine/contest.js'
import { textRow } from '../../../../bench/research/engine/data/bench-row.js'
import { dealLikeEngine } from '../../../../bench/research/engine/judge.js'
import { overview } from '../../../../bench/research/engine/overview.js'
import { countRejected } from '../../../../bench/research/engine/reject.js'
import { splitRows } from '../../../../bench/research/engine/rows-file.js'
import { findSharedFolder } from '../../../../bench/research/engine/shared-folder.js'
import { isMet } from '../../../../bench/support/report.js'

describe('the figures of the engine’s bench', () => {
  it('should reject strangers below the bar that 5 % of its own fall below', () => {
    const own = Array.from({ length: 100 }, (_, at) => at / 100)
    assert.equal(countRejected(own, [0, 0.04, 0.05, 0.5], 0.05), 2)
    // Ties at the bar are let in: it never rejects more of its own than it may.
    assert.equal(countRejected([0.1, 0.1, 0.1, 0.9], [0.1, 0.05], 0.5), 1)
    assert.equal(countRejected([], [0.1], 0.05), 0)
  })

  it('should give the peers the rows with their folds', () => {
    assert.deepEqual(splitRows([textRow('one', 'a')], [textRow('two', 'b')]), [
      { text: 'one', label: 'a', fold: -1 },
      { text: 'two', label: 'b', fold: 0 },
    ])
    const labels = ['a', 'a', 'b', 'a', 'a', 'b', 'a']
    const folded = dealLikeEngine(labels.map((label) => textRow('text', label)))
    assert.deepEqual(
      folded.map(({ fold }) => fold),
      [0, 1, 0, 2, 3, 1, 4],
    )
  })

  it('should be above where it is right more often and not by chance', () => {
    const better = hold('ceaps', judged(100, 0), judged(100, 20))
    assert.equal(isAbove(better), true)
    assert.ok(compareWithBaseline(better).every(isMet))
    assert.equal(isAbove(hold('ceaps', judged(100, 0), judged(100, 1))), false)
  })

  it('should be below where the interval of the difference does not reach 0', () => {
    const worse = hold('ceaps', judged(100, 20), judged(100, 0))
    assert.equal(isAbove(worse), false)
    assert.ok(compareWithBaseline(worse).every((ratio) => !isMet(ratio)))
    const alike = hold('ceaps', judged(100, 20), judged(100, 20))
    assert.ok(compareWithBaseline(alike).every(isMet))
  })

  it('should count the tasks above the baseline, with and without dense features', () => {
    const above = (name: string) => hold(name, judged(100, 0), judged(100, 20))
    const below = (name: string) => hold(name, judged(100, 20), judged(100, 0))
    const { ratios } = overview(
      [
        above('banking77'),
        below('banking77 without dense features'),
        above('ceaps'),
        above('ceaps, unseen merchants'),
      ],
      {},
    )
    assert.deepEqual(
      ratios.map(({ value }) => value),
      [2, 1],
    )
  })

  it('should say in one sentence that the data is not there', () => {
    assert.throws(
      () => findSharedFolder(tmpdir()),
      /name their folder with --shared PATH or TRIAGEM_SHARED/,
    )
  })
})

/** Half of label a, half of b; the first so many are wrong. */
function judged(rows: number, wrong: number): JudgedRow[] {
  return Array.from({ length: rows }, (_, at) => {
    const [truth, other] = at % 2 === 0 ? (['a', 'b'] as const) : (['b', 'a'] as const)
    return {
      truth,
      predicted: at < wrong ? other : truth,
      confidence: 1,
      needsReview: false,
      language: '',
    }
  })
}
