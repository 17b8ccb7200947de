import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { type Ratio, round } from '../../../support/report.js'
import { median } from '../../../support/statistics.js'
import { type BaselineFigures, runTextBaseline, startBaselinePredictor } from '../baseline.js'
import { readBanking } from '../data/banking.js'
import { type BenchRow, thin } from '../data/bench-row.js'
import { readClinc } from '../data/clinc.js'
import { askEngineProcess, type PredictTimes, startEnginePredictor } from '../engine-process.js'
import { dealLikeEngine } from '../judge.js'
import type { Predictor } from '../predictor.js'
import { splitRows, writeLines } from '../rows-file.js'
import type { PartReport, Setting } from '../setting.js'

const aims = { rows: 1.5, singleMs: 1, seconds: 2, memory: 1.5 } as const

interface Split {
  readonly name: string
  readonly learned: readonly BenchRow[]
  readonly judged: readonly BenchRow[]
}

/** The figures of one side: medians over the rounds. */
interface Fitted {
  readonly seconds: number
  readonly peakMb: number
}

/** Each side once, in turn. */
interface Round {
  readonly fit: Fitted
  readonly baseline: BaselineFigures
  readonly fitWithoutDense: Fitted
}

interface Measured {
  readonly name: string
  readonly fit: Fitted
  readonly fitWithoutDense: Fitted
  readonly whole: Fitted & { readonly modelMb: number; readonly isDense: boolean }
  readonly predict: PredictTimes & { readonly perSecond: number }
  readonly perSecondWithoutDense: number
  readonly baseline: Fitted & { readonly perSecond: number }
}

/** Fitting and predicting, each side in processes of its own, in turn. */
export async function measureSpeed(setting: Setting): Promise<PartReport> {
  const measured: Measured[] = []
  for (const split of await readSplits(setting)) measured.push(await measure(setting, split))
  return {
    table: [
      ['task', 'side', 'fit s', 'peak MiB', 'rows/s', 'one text p50 ms', 'p99 ms'],
      ...measured.flatMap(describe),
    ],
    notes: [
      `banking77: four fifths of its train part learned from, one fifth predicted; clinc150: train part, validation part. ${setting.rounds} rounds, in each a process of its own for each side (A B A B); medians.`,
      'Fit: from texts in memory to a model that is ready, counting features and, with dense features, embedding included; no calibration folds, no evaluation. Peak: the greatest resident memory of the process; text_baseline.py’s has predicted too.',
      `Rows/s: three processes that have learned take turns, each a pass over all rows: the median of ${passes} passes after ${warmUps} that warm up. Ours one text at a time on one thread; the baseline’s estimator (as text_baseline.py’s) in one call with all rows. One text: each timed alone, warm.`,
      'Whole train: all of `triagem train` in one thread: five folds with the embedding and five without; calibration and evaluation included.',
    ],
    ratios: measured.flatMap(compare),
    figures: Object.assign({}, ...measured.map(listFigures)) as Record<string, number>,
  }
}

async function readSplits({ shared, maxRows }: Setting): Promise<readonly Split[]> {
  const banking = thin(await readBanking(shared), maxRows)
  const folded = dealLikeEngine(banking)
  const clinc = await readClinc(shared)
  return [
    {
      name: 'banking77',
      learned: banking.filter((_, at) => folded[at]?.fold !== 0),
      judged: banking.filter((_, at) => folded[at]?.fold === 0),
    },
    {
      name: 'clinc150',
      learned: thin(clinc.train, maxRows),
      judged: thin(clinc.validation, maxRows),
    },
  ]
}

async function measure(setting: Setting, { name, learned, judged }: Split): Promise<Measured> {
  const { workFolder, rounds } = setting
  const samples = (rows: readonly BenchRow[]) =>
    writeLines(
      workFolder,
      rows.map(({ sample }) => sample),
    )
  const learn = { task: 'texts', samplesFile: await samples(learned) } as const
  const judgedFile = await samples(judged)
  const rows = splitRows(learned, judged)
  const taken: Round[] = []
  for (let round = 1; round <= rounds; round++) {
    console.log(`  ${name}: round ${round} of ${rounds}…`)
    taken.push({
      fit: await askEngineProcess('fit', { ...learn, takesDense: true }),
      baseline: await runTextBaseline(setting, rows, 0),
      fitWithoutDense: await askEngineProcess('fit', { ...learn, takesDense: false }),
    })
  }
  const model = async (takesDense: boolean) => {
    const modelFile = join(workFolder, `${randomUUID()}.model`)
    const whole = await askEngineProcess('learn', { ...learn, takesDense, modelFile })
    return { whole, work: { samplesFile: judgedFile, modelFile, takesDense } }
  }
  console.log(`  ${name}: learning, and predicting in turn…`)
  const { whole, work } = await model(true)
  const { work: workWithoutDense } = await model(false)
  const [perSecond = 0, perSecondWithoutDense = 0, baselinePerSecond = 0] = await takeTurns([
    await startEnginePredictor(work),
    await startEnginePredictor(workWithoutDense),
    await startBaselinePredictor(setting, rows),
  ])
  const over = (of: (round: Round) => number) => median(taken.map(of))
  const overSide = (side: 'fit' | 'fitWithoutDense'): Fitted => ({
    seconds: over((round) => round[side].seconds),
    peakMb: over((round) => round[side].peakMb),
  })
  return {
    name,
    whole,
    fit: overSide('fit'),
    fitWithoutDense: overSide('fitWithoutDense'),
    predict: { ...(await askEngineProcess('predict', work)), perSecond },
    perSecondWithoutDense,
    baseline: {
      seconds: over(({ baseline }) => baseline.fit_s),
      peakMb: over(({ baseline }) => baseline.peak_rss_mb),
      perSecond: baselinePerSecond,
    },
  }
}

/** Passes that warm up, and those that count. */
const [warmUps, passes] = [3, 20] as const

/** Lets each predict all its rows in turn, A B C A B C. @returns the medians, rows a second */
async function takeTurns(predictors: readonly Predictor[]): Promise<readonly number[]> {
  const rates = predictors.map((): number[] => [])
  try {
    for (let pass = -warmUps; pass < passes; pass++)
      for (const [at, predictor] of predictors.entries()) {
        const rate = await predictor.pass()
        if (pass >= 0) rates[at]?.push(rate)
      }
  } finally {
    predictors.forEach((predictor) => predictor.end())
  }
  return rates.map(median)
}

/** With few rows (--rows) the model may have no dense features: prediction is then measured without them. */
const denseRefused = 'engine (predicts without dense features, which did not help)'

function describe(measured: Measured): string[][] {
  const { name, fit, fitWithoutDense, whole, predict, perSecondWithoutDense, baseline } = measured
  const row = (
    side: string,
    { seconds, peakMb }: Fitted,
    perSecond?: number,
    times?: PredictTimes,
  ) => [
    name,
    side,
    seconds.toFixed(2),
    peakMb.toFixed(0),
    perSecond?.toFixed(0) ?? '–',
    times?.p50Ms.toFixed(3) ?? '–',
    times?.p99Ms.toFixed(3) ?? '–',
  ]
  return [
    row(whole.isDense ? 'engine' : denseRefused, fit, predict.perSecond, predict),
    row('engine without dense features', fitWithoutDense, perSecondWithoutDense),
    row('engine, whole train', whole),
    row('text_baseline.py', baseline, baseline.perSecond),
  ]
}

function compare({ name, fit, predict, baseline }: Measured): Ratio[] {
  return [
    {
      name: `${name}: rows/s`,
      value: round(predict.perSecond / baseline.perSecond, 3),
      op: '>=',
      aim: aims.rows,
    },
    ...(['p50Ms', 'p99Ms'] as const).map((time): Ratio => ({
      name: `${name}: one text ${time.replace('Ms', ' ms')}`,
      value: round(predict[time], 3),
      op: '<=',
      aim: aims.singleMs,
    })),
    {
      name: `${name}: fit time`,
      value: round(fit.seconds / baseline.seconds, 3),
      op: '<=',
      aim: aims.seconds,
    },
    {
      name: `${name}: fit memory`,
      value: round(fit.peakMb / baseline.peakMb, 3),
      op: '<=',
      aim: aims.memory,
    },
  ]
}

function listFigures(measured: Measured): Record<string, number> {
  const { name, fit, fitWithoutDense, whole, predict, baseline } = measured
  const figures = {
    'fit s': fit.seconds,
    'fit peak MiB': fit.peakMb,
    'fit s without dense': fitWithoutDense.seconds,
    'fit peak MiB without dense': fitWithoutDense.peakMb,
    'whole train s': whole.seconds,
    'whole train peak MiB': whole.peakMb,
    'model MB': whole.modelMb,
    'rows/s': predict.perSecond,
    'rows/s, cold': predict.coldPerSecond,
    'rows/s without dense': measured.perSecondWithoutDense,
    'one text p50 ms': predict.p50Ms,
    'one text p99 ms': predict.p99Ms,
    'baseline fit s': baseline.seconds,
    'baseline peak MiB': baseline.peakMb,
    'baseline rows/s': baseline.perSecond,
  }
  return Object.fromEntries(
    Object.entries(figures).map(([figure, value]) => [`${name}: ${figure}`, round(value, 3)]),
  )
}
