import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { loadEmbedding } from '../../engine/embedding/embedding.js'
import { findKeptContests, keepContests } from './engine/kept-contests.js'
import { overview } from './engine/overview.js'
import { measureBanking, measurePersonal, measureSpam } from './engine/parts/by-folds.js'
import { measureCeaps } from './engine/parts/ceaps.js'
import { measureClinc } from './engine/parts/clinc.js'
import { measureEmbedding } from './engine/parts/embed.js'
import { measureMail } from './engine/parts/mail.js'
import { measureMailCurve } from './engine/parts/mail-curve.js'
import { measureOutOfScope } from './engine/parts/out-of-scope.js'
import { measureRetrieval } from './engine/parts/retrieval.js'
import { measureSpeed } from './engine/parts/speed.js'
import { openPython } from './engine/python.js'
import type { Part, PartReport, Setting } from './engine/setting.js'
import { findSharedFolder } from './engine/shared-folder.js'
import { embeddingFolder } from '../../engine/data-folders.js'
import { keep } from '../support/publish.js'
import type { BenchReport, BenchSummary } from '../support/report.js'
import { BenchSetUpError } from '../support/set-up-error.js'
import { withCleanup } from '../support/with-cleanup.js'

const parts: Readonly<Record<string, Part>> = {
  banking77: measureBanking,
  clinc150: measureClinc,
  ceaps: measureCeaps,
  spamassassin: measureSpam,
  personal: measurePersonal,
  'out-of-scope': measureOutOfScope,
  embed: measureEmbedding,
  retrieval: measureRetrieval,
  speed: measureSpeed,
  mail: measureMail,
  'mail-curve': measureMailCurve,
}

/** The parts whose comparisons the overview counts. */
const contestParts = ['banking77', 'clinc150', 'ceaps', 'spamassassin', 'personal']
const fullRounds = 3

/** The text engine beside scikit-learn on real data, part by part; each part of full size is kept as it ends. */
export async function runEngine(args: string[]): Promise<BenchSummary> {
  const { values } = parseArgs({
    args,
    options: {
      only: { type: 'string', default: Object.keys(parts).join() },
      shared: { type: 'string' },
      python: { type: 'string' },
      rows: { type: 'string', default: 'Infinity' },
      rounds: { type: 'string', default: String(fullRounds) },
    },
  })
  const chosen = values.only.split(',').map(choosePart)
  const shared = findSharedFolder(values.shared)
  const [maxRows, rounds] = [Number(values.rows), Number(values.rounds)]
  const isFull = maxRows === Infinity && rounds >= fullRounds
  return await withCleanup(async (later) => {
    const workFolder = await mkdtemp(join(tmpdir(), 'bench-engine-'))
    later(() => rm(workFolder, { recursive: true, force: true }))
    const python = await openPython(values.python)
    const embedding = await loadEmbedding(embeddingFolder)
    const setting = { shared, python, embedding, maxRows, rounds, workFolder }
    const reports: BenchReport[] = []
    const publish = async (report: BenchReport) => {
      await keep(report)
      reports.push(report)
    }
    for (const { name, measure } of chosen) {
      console.log(`${name}…`)
      const report = await measure(setting)
      await publish(toBenchReport(name, report, setting, isFull))
      if (isFull) await keepContests(name, embedding.version, report.contests ?? [])
    }
    const contests = await findKeptContests(contestParts, embedding.version)
    if (isFull && contests !== undefined) await publish(overview(contests, peersOf(setting)))
    return sum(reports)
  })
}

function toBenchReport(
  part: string,
  { table, notes, ratios, figures }: PartReport,
  setting: Setting,
  fullSize: boolean,
): BenchReport {
  return {
    bench: `engine: ${part}`,
    table,
    notes,
    ratios,
    figures,
    peers: peersOf(setting),
    fullSize,
  }
}

const peersOf = ({ python }: Setting) => ({ 'scikit-learn': python.scikitLearn })

/** Sums up all parts that ran. The name of a figure begins with its part, unless it names its task already. */
function sum(reports: readonly BenchReport[]): BenchSummary {
  const named = reports.flatMap(({ bench, ratios }) =>
    ratios.map((ratio) => ({ ...ratio, name: nameOf(bench, ratio.name) })),
  )
  const figures = reports.flatMap(({ bench, figures: own }) =>
    Object.entries(own).map(([name, value]) => [nameOf(bench, name), value] as const),
  )
  return { bench: 'engine', ratios: named, figures: Object.fromEntries(figures) }
}

/** Most names begin with their task. */
function nameOf(bench: string, figure: string): string {
  const hasTask = bench === 'engine' || figure.includes(': ')
  return hasTask ? figure : `${bench.replace('engine: ', '')}: ${figure}`
}

function choosePart(name: string): { readonly name: string; readonly measure: Part } {
  const measure = Object.hasOwn(parts, name) ? parts[name] : undefined
  if (measure === undefined)
    throw new BenchSetUpError(`--only takes, joined by commas: ${Object.keys(parts).join(', ')}.`)
  return { name, measure }
}
