import { execFile } from 'node:child_process'

export interface CommandResult {
  readonly ok: boolean
  /** stdout and stderr together. */
  readonly output: string
  /** Why it failed, in a few words: the last line it said, or the time limit. */
  readonly reason: string
}

/** Runs a program (absolute path, no shell) to its end; never throws, never outlives `timeoutMs`. */
export function runCommand(
  file: string,
  args: readonly string[],
  timeoutMs: number,
): Promise<CommandResult> {
  return new Promise((resolve) => {
    const options = {
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
      maxBuffer: 16 * 1024 * 1024,
    } as const
    execFile(file, [...args], options, (error, stdout, stderr) => {
      const output = `${stdout}\n${stderr}`.trim()
      const lastLine = output.split('\n').at(-1)?.trim() ?? ''
      const reason = error?.killed === true ? `no end after ${timeoutMs / 1000} s` : lastLine
      resolve({ ok: error === null, output, reason: reason || (error?.message ?? '') })
    })
  })
}
