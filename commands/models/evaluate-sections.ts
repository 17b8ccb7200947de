import { basename } from 'node:path'
import { readShippedExamples, toSample } from '../../engine/default-email-model.js'
import { evaluate } from '../../engine/evaluation/evaluate.js'
import { count } from '../../engine/evaluation/format.js'
import type { EmailExample } from '../../engine/examples.js'
import type { ModelBytes } from '../../engine/pool/share-model.js'
import type { LabelledSample } from '../../engine/samples.js'
import type { EvaluateOptions, EvaluationSection } from '../evaluate.js'
import { examplesFolder } from '../../engine/data-folders.js'
import { findModel, judge } from './find-model.js'
import { assertLearnable, readSampleFile } from './read-sample-file.js'
import type { Watch, ModelTools } from './model-tools.js'

export interface SectionContext {
  readonly tools: ModelTools
  readonly options: EvaluateOptions
  readonly watch: Watch
  readonly tell: (line: string) => void
}

/** Cross-validates a file, or tests a model on it. */
export async function evaluateFile(
  context: SectionContext & { readonly file: string },
): Promise<readonly EvaluationSection[]> {
  const { tools, options, tell } = context
  const samples = await readSampleFile(context.file)
  const where = `${count(samples.length)} rows of ${basename(context.file)}`
  const against =
    options.against === undefined
      ? undefined
      : await findModel(tools, options.task, options.against)
  if (options.model === undefined) {
    assertLearnable(options.task, samples, tell)
    return [await crossValidate(context, samples, where, against)]
  }
  const model = await findModel(tools, options.task, options.model)
  await tellUnknownLabels(context, model, samples)
  return [await test(context, model, samples, where, against)]
}

/**
 * Cross-validates the e-mail examples that ship, and tests the default model (or the one asked for) on those that no model has learned
 * from: all of them, and the hard half. Only on these can models be compared, for all others the default has seen.
 */
export async function evaluateShipped(
  context: SectionContext,
): Promise<readonly EvaluationSection[]> {
  const { tools, options } = context
  const { learned, heldOut } = await readShippedExamples(examplesFolder)
  const model = await findModel(tools, options.task, options.model ?? 'default')
  const against =
    options.against === undefined
      ? undefined
      : await findModel(tools, options.task, options.against)
  const crossValidated =
    options.model === undefined
      ? [
          await crossValidate(
            context,
            learned.map(toSample),
            `${count(learned.length)} examples that ship`,
            undefined,
          ),
        ]
      : []
  if (heldOut.length === 0) return crossValidated
  const hard = heldOut.filter((example) => example.hard)
  const testOn = (examples: readonly EmailExample[], which: string) =>
    test(
      context,
      model,
      examples.map(toSample),
      `${count(examples.length)} examples by other hands${which}`,
      against,
    )
  return [
    ...crossValidated,
    await testOn(heldOut, ', never learned from'),
    ...(hard.length > 0 ? [await testOn(hard, ', the hard ones among them')] : []),
  ]
}

async function crossValidate(
  { tools, options: { task, folds }, watch }: SectionContext,
  samples: readonly LabelledSample[],
  where: string,
  against: ModelBytes | undefined,
): Promise<EvaluationSection> {
  const rows = await tools.pool.crossValidate({ task, samples, folds }, watch)
  const others = against && (await judge(tools, against, samples, watch))
  return {
    title: `${where}, cross-validated in ${folds} parts`,
    against:
      against === undefined ? null : `${against.name} (which may have learned from these rows)`,
    evaluation: evaluate(rows, others),
  }
}

async function test(
  { tools, watch }: SectionContext,
  model: ModelBytes,
  samples: readonly LabelledSample[],
  where: string,
  against: ModelBytes | undefined,
): Promise<EvaluationSection> {
  const rows = await judge(tools, model, samples, watch)
  const others = against && (await judge(tools, against, samples, watch))
  return {
    title: `${where}, judged by ${model.name}`,
    against: against?.name ?? null,
    evaluation: evaluate(rows, others),
  }
}

async function tellUnknownLabels(
  { tools, tell }: SectionContext,
  model: ModelBytes,
  samples: readonly LabelledSample[],
): Promise<void> {
  const known = new Set((await tools.pool.readCard(model)).labels)
  const unknown = [...new Set(samples.map(({ label }) => label))].filter((one) => !known.has(one))
  if (unknown.length === 0) return
  const named = unknown.slice(0, 5).map((label) => `“${label}”`)
  tell(
    `Mind: ${model.name} knows no ${named.join(', ')}${unknown.length > 5 ? ' and others' : ''}: these rows count as wrong.`,
  )
}
