import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { EmailClassifier } from '../../../../engine/classifier.js'
import {
  defaultEmailModelFile,
  loadDefaultEmailClassifier,
  readShippedExamples,
} from '../../../../engine/default-email-model.js'
import { percent } from '../../../../engine/evaluation/format.js'
import type { JudgedRow } from '../../../../engine/evaluation/judged-row.js'
import type { EmailExample } from '../../../../engine/examples.js'
import { type Ratio, round } from '../../../support/report.js'
import { median, percentile } from '../../../support/statistics.js'
import { judgeByBaseline } from '../baseline.js'
import { type Contest, hold } from '../contest.js'
import { thin } from '../data/bench-row.js'
import { mailRow } from '../data/mail.js'
import { reportContests } from '../report-contests.js'
import { splitRows } from '../rows-file.js'
import type { PartReport, Setting } from '../setting.js'
import { examplesFolder } from '../../../../engine/data-folders.js'
import { modelsFolder } from '../shipped-folders.js'
import { loads, takeLoads } from '../take-loads.js'

const aims = { all: 0.9, hard: 0.85, singleMs: 1, loadMs: 100, megabytes: 8 } as const

const timedPasses = 5

/** The mail model that ships, on mails by another hand that it never learned from. */
export async function measureMail(setting: Setting): Promise<PartReport> {
  const classifier = await loadDefaultEmailClassifier(modelsFolder)
  const { learned, heldOut } = await readShippedExamples(examplesFolder)
  const ours = heldOut.map((example) => judge(classifier, example))
  const rows = splitRows(thin(learned.map(mailRow), setting.maxRows), heldOut.map(mailRow))
  const baseline = await judgeByBaseline(setting, rows)
  const contest = (name: string, belongs: (example: EmailExample) => boolean) => {
    const isOwn = heldOut.map(belongs)
    const own = <T>(all: readonly T[]) => all.filter((_, at) => isOwn[at])
    return hold(name, own(ours), own(baseline))
  }
  const all = contest('mail', () => true)
  const hard = contest('mail, hard', (example) => example.hard)
  const others = [
    contest('mail, the rest', (example) => !example.hard),
    contest('mail, pt', ({ language }) => language === 'pt'),
    contest('mail, en', ({ language }) => language === 'en'),
  ]
  const product = await measureProduct(classifier, heldOut)
  const reviewed = ours.filter(({ needsReview }) => needsReview).length / ours.length
  return reportContests({
    aimed: [],
    calibrated: [],
    beside: [all, hard, ...others],
    ratios: [aimAt(all, aims.all), aimAt(hard, aims.hard), ...product.ratios],
    figures: { ...product.figures, 'mail: review share': round(reviewed, 4) },
    notes: [
      `${heldOut.length} mails by another hand (email-heldout*.jsonl), ${heldOut.filter((one) => one.hard).length} of them hard; ${learned.length} learned from. The baseline learned the categories of the same mails and is given each whole.`,
      `${percent(reviewed)} of the held-out mails go to a person; of the rest ${percent(shareRight(ours.filter((row) => !row.needsReview)))} are right.`,
      describeCard(classifier),
      `One mail: its language and its category, each of the held-out mails timed alone, warm, ${timedPasses} times. Load: the median of ${loads} fresh processes.`,
    ],
  })
}

function judge(classifier: EmailClassifier, { text, language, category }: EmailExample): JudgedRow {
  const judged = classifier.classify(text, classifier.detectLanguage(text))
  return {
    truth: category,
    predicted: judged.category,
    confidence: judged.confidence,
    needsReview: judged.needsReview,
    language,
  }
}

const aimAt = ({ name, accuracy }: Contest, aim: number): Ratio => ({
  name: `${name}: accuracy`,
  value: round(accuracy.ours, 4),
  op: '>=',
  aim,
})

const shareRight = (rows: readonly JudgedRow[]): number =>
  rows.filter(({ truth, predicted }) => truth === predicted).length / rows.length

async function measureProduct(
  classifier: EmailClassifier,
  heldOut: readonly EmailExample[],
): Promise<{ readonly ratios: readonly Ratio[]; readonly figures: Record<string, number> }> {
  const timesMs = Array.from({ length: timedPasses }, () =>
    heldOut.map(({ text }) => timeOne(classifier, text)),
  ).flat()
  const loadMs = median(await takeLoads('mail model'))
  const megabytes = (await stat(join(modelsFolder, defaultEmailModelFile))).size / 1e6
  const [p50, p99] = [percentile(timesMs, 0.5), percentile(timesMs, 0.99)]
  return {
    ratios: [
      { name: 'one mail p50 ms', value: round(p50, 3), op: '<=', aim: aims.singleMs },
      { name: 'one mail p99 ms', value: round(p99, 3), op: '<=', aim: aims.singleMs },
      { name: 'mail model load ms', value: round(loadMs, 1), op: '<=', aim: aims.loadMs },
      { name: 'mail model MB', value: round(megabytes, 2), op: '<=', aim: aims.megabytes },
    ],
    figures: {
      'one mail p50 ms': round(p50, 3),
      'one mail p99 ms': round(p99, 3),
      'mail model load ms': round(loadMs, 1),
      'mail model MB': round(megabytes, 3),
    },
  }
}

function timeOne(classifier: EmailClassifier, text: string): number {
  const startedAtMs = performance.now()
  classifier.classify(text, classifier.detectLanguage(text))
  return performance.now() - startedAtMs
}

function describeCard({ card }: EmailClassifier): string {
  const { all, languages, calibrationError, reviewShare, unreviewedAccuracy } = card.quality
  const byLanguage = languages.map(({ language, accuracy }) => `${language} ${percent(accuracy)}`)
  return `Cross-validated on what it learned from (${card.version}, ${card.examples} mails, five folds): accuracy ${percent(all.accuracy)} (${byLanguage.join(', ')}), macro-F1 ${percent(all.macroF1)}, calibration error ${calibrationError.toFixed(3)}; ${percent(reviewShare)} to a person, of the rest ${percent(unreviewedAccuracy)} right.`
}
