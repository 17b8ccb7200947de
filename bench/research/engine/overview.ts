import { percent, pointsWithin, probability } from '../../../engine/evaluation/format.js'
import type { BenchReport, Ratio } from '../../support/report.js'
import { type Contest, isAbove } from './contest.js'

/** The contests that the aim counts; with dense features, and without them where the embedding has seen the texts. */
const counted = {
  'tasks above the baseline': [
    'banking77',
    'clinc150',
    'ceaps',
    'spamassassin',
    'transactions_en_personal',
  ],
  'tasks above the baseline, banking77 and clinc150 without dense features': [
    'banking77 without dense features',
    'clinc150 without dense features',
    'ceaps',
    'spamassassin',
    'transactions_en_personal',
  ],
} as const

const aim = 3

/** All tasks together. */
export function overview(contests: readonly Contest[], peers: BenchReport['peers']): BenchReport {
  const ratios = Object.entries(counted).map(([name, tasks]): Ratio => ({
    name,
    value: contests.filter((one) => tasks.some((task) => task === one.name) && isAbove(one)).length,
    op: '>=',
    aim,
  }))
  return {
    bench: 'engine',
    table: [
      [
        'task',
        'accuracy less the baseline’s, points (95 %)',
        'macro-F1 less',
        'McNemar p',
        'accuracy',
        'above',
      ],
      ...contests.map((contest) => [
        contest.name,
        pointsWithin(contest.accuracy.difference),
        pointsWithin(contest.macroF1.difference),
        probability(contest.p),
        percent(contest.accuracy.ours),
        isAbove(contest) ? 'yes' : 'no',
      ]),
    ],
    notes: [
      'Of the sections below that are held beside the baseline, all by this engine, which may have run one after the other. Above: more often right, and McNemar’s p below 0.05.',
    ],
    ratios,
    figures: Object.fromEntries(ratios.map(({ name, value }) => [name, value])),
    peers,
    fullSize: true,
  }
}
