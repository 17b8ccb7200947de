import { basename } from 'node:path'
import { parseArgs } from 'node:util'
import type { Evaluation } from '../engine/evaluation/evaluate.js'
import { renderHtml } from '../engine/evaluation/html/render-html.js'
import { renderText } from '../engine/evaluation/render-text.js'
import { type Task, tasks } from '../engine/tasks.js'
import { ConfigError } from '../config/values.js'
import { evaluateFile, evaluateShipped } from './models/evaluate-sections.js'
import type { ModelCommandInput } from './models/run-model-command.js'
import type { Watch } from './models/model-tools.js'
import { assertWritable, readTask, writePage } from './models/options.js'
import { createProgress } from './models/progress.js'

export interface EvaluateOptions {
  readonly task: Task
  readonly file: string | undefined
  readonly folds: number
  /** The model to test; undefined cross-validates. */
  readonly model: string | undefined
  readonly against: string | undefined
  readonly html: string | undefined
  readonly json: boolean
  readonly all: boolean
}

/** What `--json` prints. */
export interface EvaluationReport {
  readonly version: 1
  readonly task: Task
  readonly sections: readonly EvaluationSection[]
}

export interface EvaluationSection {
  /** Which rows, and how they were judged. */
  readonly title: string
  /** The other model of the comparison. */
  readonly against: string | null
  readonly evaluation: Evaluation
}

const usage = `Usage: triagem evaluate TASK [FILE]

  TASK              ${tasks.join(', ')}
  FILE              .jsonl or .csv with text and label; without it, the e-mail examples that ship
  --folds N         cross-validate in N parts (5)
  --model WHICH     test this model instead: current, default, an id or a path
  --against WHICH   compare with another model on the same rows
  --html FILE       also write a page with plots
  --json            print JSON
  --all             every class and every confused pair`

/** Says how good a model is. @returns the exit code @throws ConfigError for words that make no sense */
export async function runEvaluate(input: ModelCommandInput): Promise<number> {
  const options = readOptions(input.args)
  await assertWritable(options.html)
  const watch: Watch = { signal: input.signal, onProgress: createProgress(input.tell) }
  const context = { tools: input.tools, options, watch, tell: input.tell }
  const sections =
    options.file === undefined
      ? await evaluateShipped(context)
      : await evaluateFile({ ...context, file: options.file })
  const report: EvaluationReport = { version: 1, task: options.task, sections }
  if (options.json) input.say(JSON.stringify(report))
  else for (const line of renderReport(report, options.all)) input.say(line)
  if (options.html !== undefined) {
    await writePage(options.html, renderPage(report, options.file))
    input.tell(`The page is in ${options.html}.`)
  }
  return 0
}

function readOptions(args: string[]): EvaluateOptions {
  const { values, positionals } = parse(args)
  const [word, file, ...rest] = positionals
  if (rest.length > 0) throw new ConfigError(usage)
  const task = readTask(word, usage)
  if (file === undefined && task !== 'email')
    throw new ConfigError(`Say which FILE: examples ship for email alone.\n\n${usage}`)
  if (values.folds !== undefined && values.model !== undefined)
    throw new ConfigError('--folds cross-validates and --model tests a model: say one of the two.')
  return {
    task,
    file,
    folds: readFolds(values.folds ?? '5'),
    model: values.model,
    against: values.against,
    html: values.html,
    json: values.json === true,
    all: values.all === true,
  }
}

function parse(args: string[]) {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean' } as const
  const options = { folds: text, model: text, against: text, html: text, json: flag, all: flag }
  try {
    return parseArgs({ args, options, allowPositionals: true })
  } catch (error) {
    const [reason = ''] = (error instanceof Error ? error.message : '').split('. ')
    throw new ConfigError(`${reason}.\n\n${usage}`)
  }
}

function readFolds(word: string): number {
  const folds = Number(word)
  if (Number.isInteger(folds) && folds >= 2 && folds <= 20) return folds
  throw new ConfigError('--folds must be a whole number from 2 to 20.')
}

function renderReport({ task, sections }: EvaluationReport, all: boolean): readonly string[] {
  return sections.flatMap(({ title, against, evaluation }, at) => [
    ...(at > 0 ? ['', ''] : []),
    `${task}: ${title}`,
    '',
    ...renderText(evaluation, { all, otherName: against ?? '' }),
  ])
}

const renderPage = ({ task, sections }: EvaluationReport, file: string | undefined): string =>
  renderHtml({
    title: `Triagem: ${task}, ${file === undefined ? 'the examples that ship' : basename(file)}`,
    sections,
  })
