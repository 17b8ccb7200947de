import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  defaultEmailModelFile,
  readShippedExamples,
} from '../../../../engine/default-email-model.js'
import { percent } from '../../../../engine/evaluation/format.js'
import { fit, prepare } from '../../../../engine/learning/fit.js'
import { decide, type Temperatures } from '../../../../engine/model/judge.js'
import { createScorer } from '../../../../engine/model/linear-model.js'
import { decodeModelFile } from '../../../../engine/model/model-file.js'
import { recipes } from '../../../../engine/text/recipes.js'
import { findTargets } from '../../../../engine/learning/targets.js'
import { round } from '../../../support/report.js'
import { judgeByBaseline } from '../baseline.js'
import { type BenchRow, thin } from '../data/bench-row.js'
import { draw, mailRow } from '../data/mail.js'
import { splitRows } from '../rows-file.js'
import type { PartReport, Setting } from '../setting.js'
import { examplesFolder } from '../../../../engine/data-folders.js'
import { modelsFolder } from '../shipped-folders.js'

const shares = [0.25, 0.5, 0.75, 1] as const
const seeds = [1, 2] as const

interface Point {
  readonly examples: number
  readonly seed: number
  /** Accuracy on the held-out mails, and on the hard ones. */
  readonly ours: readonly [number, number]
  readonly baseline: readonly [number, number]
}

/** Whether more examples would help: the mail task learned from parts of the examples. */
export async function measureMailCurve(setting: Setting): Promise<PartReport> {
  const { learned, heldOut } = await readShippedExamples(examplesFolder)
  const all = thin(learned.map(mailRow), setting.maxRows)
  const asked = heldOut.map(mailRow)
  const isHard = heldOut.map(({ hard }) => hard)
  const temperatures = await readTemperatures()
  const points: Point[] = []
  for (const { share, seed } of listDraws()) {
    const drawn = draw(all, share, seed)
    console.log(`  ${drawn.length} examples, seed ${seed}…`)
    const baseline = await judgeByBaseline(setting, splitRows(drawn, asked))
    const of = (predicted: readonly string[]) => shareRight(asked, predicted, isHard)
    points.push({
      examples: drawn.length,
      seed,
      ours: of(judgeMails(drawn, asked, temperatures)),
      baseline: of(baseline.map((row) => row.predicted)),
    })
  }
  return report(points, asked.length)
}

const listDraws = () =>
  shares.flatMap((share) =>
    seeds.slice(0, share === 1 ? 1 : seeds.length).map((seed) => ({ share, seed })),
  )

async function readTemperatures(): Promise<Temperatures> {
  const bytes = await readFile(join(modelsFolder, defaultEmailModelFile))
  return decodeModelFile(defaultEmailModelFile, bytes).calibration
}

/** One fit, and the likeliest category of each mail. */
function judgeMails(
  learned: readonly BenchRow[],
  asked: readonly BenchRow[],
  temperatures: Temperatures,
): readonly string[] {
  const recipe = recipes.email
  const samples = learned.map(({ sample }) => sample)
  const { heads, grouping } = findTargets('email', samples)
  const texts = samples.map((sample) => prepare('email', sample, recipe, undefined))
  const fitted = fit({ texts, heads, recipe, onProgress: () => undefined })
  const [topics] = fitted.heads
  if (topics === undefined) throw new Error('Nothing was learned.')
  const score = createScorer(topics)
  return asked.map(({ sample }) => {
    const { counts, dense } = prepare('email', sample, recipe, undefined)
    const scores = score(fitted.vectorize(counts), dense)
    return grouping.groups[decide(scores, grouping, temperatures).group] ?? ''
  })
}

function shareRight(
  asked: readonly BenchRow[],
  predicted: readonly string[],
  isHard: readonly boolean[],
): readonly [number, number] {
  const right = asked.map(({ sample }, at) => sample.label === predicted[at])
  const share = (all: readonly boolean[]) => all.filter(Boolean).length / all.length
  return [share(right), share(right.filter((_, at) => isHard[at]))]
}

function report(points: readonly Point[], asked: number): PartReport {
  return {
    table: [
      ['examples', 'draw', 'accuracy', 'baseline', 'hard', 'baseline'],
      ...points.map(({ examples, seed, ours, baseline }) => [
        String(examples),
        String(seed),
        percent(ours[0]),
        percent(baseline[0]),
        percent(ours[1]),
        percent(baseline[1]),
      ]),
    ],
    notes: [
      `Learned from a quarter, a half, three quarters (two draws each, neighbours together) and all of the mail examples; judged on the same ${asked} held-out mails. The baseline learns the categories of the same mails and is given each whole.`,
      'Ours is one fit of the topics, reported by category, with the temperatures of the model that ships.',
    ],
    ratios: [],
    figures: Object.fromEntries(
      points.flatMap(({ examples, seed, ours, baseline }) => {
        const name = `mail, ${examples} examples, draw ${seed}`
        return [
          [`${name}: accuracy`, round(ours[0], 4)],
          [`${name}: baseline accuracy`, round(baseline[0], 4)],
          [`${name}: hard accuracy`, round(ours[1], 4)],
          [`${name}: baseline hard accuracy`, round(baseline[1], 4)],
        ]
      }),
    ),
  }
}
