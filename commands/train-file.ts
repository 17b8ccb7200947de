import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { parseArgs } from 'node:util'
import { evaluate, type Evaluation } from '../engine/evaluation/evaluate.js'
import { renderHtml } from '../engine/evaluation/html/render-html.js'
import { renderText } from '../engine/evaluation/render-text.js'
import type { LearnedModel } from '../engine/learning/learn-model.js'
import type { LearnInput } from '../engine/pool/engine.js'
import type { ModelBytes } from '../engine/pool/share-model.js'
import { type Task, tasks } from '../engine/tasks.js'
import { ConfigError } from '../config/values.js'
import { findCurrent, judge } from './models/find-model.js'
import { assertWritable, readTask, writePage } from './models/options.js'
import { createProgress } from './models/progress.js'
import { assertLearnable, readSampleFile } from './models/read-sample-file.js'
import type { ModelCommandInput } from './models/run-model-command.js'
import type { ModelTools, Watch } from './models/model-tools.js'
import { renderVerdict, type Verdict, weigh } from './models/weigh-change.js'

/** What `--json` prints. */
export interface TrainReport {
  readonly version: 1
  readonly task: Task
  readonly model: { readonly id: number; readonly version: string; readonly promoted: boolean }
  /** Beside the model that was current; null where there was none. */
  readonly change: Verdict | null
  readonly evaluation: Evaluation
}

interface TrainOptions {
  readonly task: Task
  readonly file: string
  readonly promote: boolean
  readonly force: boolean
  readonly html: string | undefined
  readonly json: boolean
}

/** The model is stored and was to be made current, but a class got worse. */
const refusedCode = 3

const usage = `Usage: triagem train TASK FILE
       triagem train email   (without FILE: makes the default anew from the examples that ship)

  TASK              ${tasks.join(', ')}
  FILE              .jsonl or .csv with text and label
  --promote         make the model current, unless a class got worse beyond noise
  --force           with --promote: even then
  --html FILE       also write a page with plots
  --json            print JSON`

/** Learns a model from a file, says how good it is, stores it, and makes it current where that is asked for. @returns the exit code */
export async function runTrainFile(input: ModelCommandInput): Promise<number> {
  const options = readOptions(input.args)
  await assertWritable(options.html)
  const { tools, signal, tell } = input
  const { task } = options
  const samples = await readSampleFile(options.file)
  assertLearnable(task, samples, tell)
  // Opened before the long work: a database that is away should not cost it.
  const store = await tools.store()
  const watch: Watch = { signal, onProgress: createProgress(tell) }
  const learned = await tools.pool.learn(
    { task, samples, ...(await describeFile(options.file)) },
    watch,
  )
  const current = await findCurrent(tools, task)
  const others = current && (await judge(tools, current, samples, watch))
  const evaluation = evaluate(learned.heldOut, others)
  const change = current ? await compareWith(tools, current, learned, evaluation) : null
  signal.throwIfAborted()

  const { version } = learned.card
  const { id } = await store.add({ task, version, card: learned.card, bytes: learned.bytes })
  const isRefused = options.promote && !options.force && change?.isWorse === true
  const promoted = options.promote && !isRefused
  if (promoted) await store.promote(id)
  const report: TrainReport = {
    version: 1,
    task,
    model: { id, version, promoted },
    change,
    evaluation,
  }
  await present(input, options, report)
  return isRefused ? refusedCode : 0
}

/** The file's own date, not today's: learned from again it gives the same bytes, so the same model. */
async function describeFile(path: string): Promise<Pick<LearnInput, 'made' | 'sources'>> {
  const { mtime } = await stat(path)
  const sources = [{ name: basename(path), licence: 'its owner’s' }]
  return { made: mtime.toISOString(), sources }
}

async function compareWith(
  tools: ModelTools,
  current: ModelBytes,
  learned: LearnedModel,
  evaluation: Evaluation,
): Promise<Verdict> {
  const card = await tools.pool.readCard(current)
  return weigh({ current: current.name, before: card, now: learned.card, evaluation })
}

async function present(
  { say, tell }: Pick<ModelCommandInput, 'say' | 'tell'>,
  options: TrainOptions,
  report: TrainReport,
): Promise<void> {
  if (options.json) say(JSON.stringify(report))
  else for (const line of renderReport(options, report)) say(line)
  if (options.html === undefined) return
  const { task, evaluation } = report
  const title = `Triagem: ${task}, ${basename(options.file)}`
  const against = report.change?.current ?? null
  const sections = [{ title: `${report.model.version}, cross-validated`, against, evaluation }]
  await writePage(options.html, renderHtml({ title, sections }))
  tell(`The page is in ${options.html}.`)
}

function renderReport(options: TrainOptions, report: TrainReport): readonly string[] {
  const { task, model, change, evaluation } = report
  const otherName = change?.current ?? ''
  return [
    `${task}: ${model.version}, cross-validated on ${basename(options.file)}`,
    '',
    ...renderText(evaluation, { all: false, otherName }),
    '',
    ...(change === null ? [] : renderVerdict(change)),
    sayOutcome(options, report),
  ]
}

function sayOutcome({ promote, task }: TrainOptions, { model, change }: TrainReport): string {
  const { id, promoted } = model
  if (promoted) return `Model ${id} is stored and current for ${task}.`
  const byHand = `POST /models/${id}/promote`
  return promote && change?.isWorse === true
    ? `Model ${id} is stored, not promoted: --promote --force, or ${byHand}, makes it current all the same.`
    : `Model ${id} is stored, not current: --promote, or ${byHand}, makes it so.`
}

function readOptions(args: string[]): TrainOptions {
  const { values, positionals } = parse(args)
  const [word, file, ...rest] = positionals
  const task = readTask(word, usage)
  if (file === undefined || rest.length > 0) throw new ConfigError(usage)
  if (values.force === true && values.promote !== true)
    throw new ConfigError('--force goes with --promote.')
  return {
    task,
    file,
    promote: values.promote === true,
    force: values.force === true,
    html: values.html,
    json: values.json === true,
  }
}

function parse(args: string[]) {
  const flag = { type: 'boolean' } as const
  const options = { promote: flag, force: flag, html: { type: 'string' }, json: flag } as const
  try {
    return parseArgs({ args, options, allowPositionals: true })
  } catch (error) {
    const [reason = ''] = (error instanceof Error ? error.message : '').split('. ')
    throw new ConfigError(`${reason}.\n\n${usage}`)
  }
}
