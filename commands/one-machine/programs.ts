import { execFile } from 'node:child_process'
import { constants } from 'node:fs'
import { access, readdir, stat } from 'node:fs/promises'
import { delimiter, isAbsolute, join } from 'node:path'

/** The absolute path of the first executable of that name in `path` (as in $PATH). */
export async function findOnPath(name: string, path: string): Promise<string | undefined> {
  for (const folder of path.split(delimiter).filter((entry) => isAbsolute(entry))) {
    const file = join(folder, name)
    if (await isExecutable(file)) return file
  }
  return undefined
}

async function isExecutable(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK)
    return (await stat(file)).isFile()
  } catch {
    return false
  }
}

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

/** The path of the plain file of that name somewhere under the folder. Throws when there is none. */
export async function findFile(folder: string, name: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const found = entries.find((entry) => entry.isFile() && entry.name === name)
  if (found === undefined) throw new Error(`no ${name} in it`)
  return join(found.parentPath, found.name)
}
