import { join } from 'node:path'
import { z } from 'zod'
import type { JudgedRow } from '../../../engine/evaluation/judged-row.js'
import { parseJsonLines } from './json-lines.js'
import type { Predictor } from './predictor.js'
import { type FoldedRow, learnedOnly, writeLines } from './rows-file.js'
import type { Setting } from './setting.js'

type Peers = Pick<Setting, 'python' | 'shared' | 'workFolder'>

const judgedSchema = z.object({ at: z.int(), label: z.string() })

/** Judges by the baseline's estimator every row that has a fold, in their order. */
export async function judgeByBaseline(
  { python, workFolder }: Pick<Setting, 'python' | 'workFolder'>,
  rows: readonly FoldedRow[],
): Promise<readonly JudgedRow[]> {
  const printed = await python.run('baseline.py', await writeLines(workFolder, rows))
  return parseJsonLines(judgedSchema, printed).map(({ at, label }) => ({
    truth: rows[at]?.label ?? '',
    predicted: label,
    // The baseline has no confidence.
    confidence: 1,
    needsReview: false,
    language: '',
  }))
}

const figuresSchema = z.object({
  accuracy: z.number(),
  macro_f1: z.number(),
  fit_s: z.number(),
  predict_rows_per_s: z.number(),
  peak_rss_mb: z.number(),
})

export type BaselineFigures = z.infer<typeof figuresSchema>

/** Runs baselines/text_baseline.py itself, which gives its figures and no predictions. */
export async function runTextBaseline(
  { python, shared, workFolder }: Peers,
  rows: readonly FoldedRow[],
  fold: number,
): Promise<BaselineFigures> {
  const file = (keep: (row: FoldedRow) => boolean) => writeLines(workFolder, rows.filter(keep))
  const learned = await file((row) => row.fold !== fold)
  const judged = await file((row) => row.fold === fold)
  const script = join(shared, 'baselines', 'text_baseline.py')
  return figuresSchema.parse(JSON.parse(await python.run(script, learned, judged)))
}

/** Learns from the rows of fold -1, and predicts those of fold 0 each time it is asked to. */
export const startBaselinePredictor = async (
  { python, workFolder }: Pick<Setting, 'python' | 'workFolder'>,
  rows: readonly FoldedRow[],
): Promise<Predictor> =>
  await python.startPredictor('baseline_predictor.py', await writeLines(workFolder, rows))

/** @throws where our copy of the baseline judges the first fold in another way than text_baseline.py */
export async function checkBaseline(
  peers: Peers,
  rows: readonly FoldedRow[],
  judged: readonly JudgedRow[],
): Promise<string> {
  const first = rows.filter(({ fold }) => fold !== learnedOnly)
  const own = judged.filter((_, at) => first[at]?.fold === 0)
  const accuracy = own.filter(({ truth, predicted }) => truth === predicted).length / own.length
  const { accuracy: theirs } = await runTextBaseline(peers, rows, 0)
  const figures = `${theirs} by text_baseline.py, ${accuracy.toFixed(4)} by baseline.py`
  if (Math.abs(theirs - accuracy) > 0.0001)
    throw new Error(`On the first fold the accuracy is ${figures}: they should be the same.`)
  return `baseline.py is text_baseline.py's estimator that also says what it predicts; accuracy on the first fold: ${figures}.`
}
