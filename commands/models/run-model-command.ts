import type { Config } from '../../config/load-config.js'
import { interruptible } from './interruptible.js'
import { withModelTools } from './open-model-tools.js'
import type { ModelTools } from './model-tools.js'

/** What a command that evaluates or trains is given. */
export interface ModelCommandInput {
  /** What follows its name. */
  readonly args: string[]
  /** Results: standard output. */
  readonly say: (line: string) => void
  /** Progress and warnings: standard error. */
  readonly tell: (line: string) => void
  readonly signal: AbortSignal
  readonly tools: ModelTools
}

/** Runs such a command with all it needs; Ctrl-C ends it. @returns the exit code */
export async function runModelCommand(
  command: (input: ModelCommandInput) => Promise<number>,
  input: Pick<ModelCommandInput, 'args' | 'say' | 'tell'> & { readonly readConfig: () => Config },
): Promise<number> {
  const { readConfig, ...rest } = input
  return await interruptible(
    (signal) => withModelTools(readConfig, (tools) => command({ ...rest, signal, tools })),
    input.tell,
  )
}
