import { execFile } from 'node:child_process'
import { readFile, readdir } from 'node:fs/promises'
import { promisify } from 'node:util'

/** One process for as long as it lives: a pid alone comes back for another program. */
export interface ProcessIdentity {
  readonly pid: number
  /** Opaque; differs between two processes that had the same pid, over restarts of the machine too. */
  readonly startedAt: string
  /** The arguments as they are now, joined by spaces; a process may rewrite them (mocha does). */
  readonly command: string
}

/** Where identities are read: /proc where Linux has it, the `ps` command elsewhere. */
export type IdentitySource = 'proc' | 'ps'

const defaultSource: IdentitySource = process.platform === 'linux' ? 'proc' : 'ps'

/** The identity of a running process; undefined when there is none, or when only its zombie is left. */
export async function readIdentity(
  pid: number,
  source: IdentitySource = defaultSource,
): Promise<ProcessIdentity | undefined> {
  if (source === 'proc') return readFromProc(pid)
  return (await readFromPs(['-p', String(pid)]))[0]
}

/** Whether the recorded process is still the one that runs under its pid. */
export async function sameProcess(
  recorded: Pick<ProcessIdentity, 'pid' | 'startedAt'>,
  source: IdentitySource = defaultSource,
): Promise<boolean> {
  return (await readIdentity(recorded.pid, source))?.startedAt === recorded.startedAt
}

/** All processes that this user may see. */
export async function listProcesses(
  source: IdentitySource = defaultSource,
): Promise<readonly ProcessIdentity[]> {
  if (source === 'ps') return readFromPs(['-ax'])
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
  const identities = await Promise.all(pids.map((pid) => readFromProc(pid)))
  return identities.filter((identity) => identity !== undefined)
}

async function readFromProc(pid: number): Promise<ProcessIdentity | undefined> {
  try {
    const [stat, command, boot] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'utf8'),
      readFile(`/proc/${pid}/cmdline`, 'utf8'),
      readFile('/proc/sys/kernel/random/boot_id', 'utf8'),
    ])
    // The name in parentheses may hold anything, spaces and parentheses too; what follows it is plain.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const [state, ticksSinceBoot] = [fields[0], fields[19]]
    if (state === 'Z' || state === 'X' || ticksSinceBoot === undefined) return undefined
    return {
      pid,
      startedAt: `${boot.trim()}:${ticksSinceBoot}`,
      command: command.split('\0').join(' ').trim(),
    }
  } catch (error) {
    const gone = ['ENOENT', 'ESRCH', 'EACCES', 'EPERM']
    if (error instanceof Error && 'code' in error && gone.includes(String(error.code))) {
      return undefined
    }
    throw error
  }
}

async function readFromPs(selection: readonly string[]): Promise<readonly ProcessIdentity[]> {
  // One -o each: POSIX takes everything after a '=' for the column's heading.
  const columns = ['-o', 'pid=', '-o', 'stat=', '-o', 'lstart=', '-o', 'args=']
  const output = await promisify(execFile)('/bin/ps', ['-ww', ...selection, ...columns], {
    env: { LC_ALL: 'C', TZ: 'UTC' },
    maxBuffer: 64 * 1024 * 1024,
  }).then(
    ({ stdout }) => stdout,
    (error: unknown) => {
      // ps answers "no such process" by its exit status alone; anything else must not pass for it.
      if (error instanceof Error && 'code' in error && error.code === 1) return ''
      throw error
    },
  )
  return output.split('\n').flatMap(parsePsLine)
}

function parsePsLine(line: string): readonly ProcessIdentity[] {
  const match = /^\s*(\d+)\s+(\S+)\s+(\S+\s+\S+\s+\S+\s+\S+\s+\d{4})\s(.*)$/.exec(line)
  const [, pid, state, startedAt, command] = match ?? []
  if (pid === undefined || state === undefined || startedAt === undefined) return []
  if (state.startsWith('Z')) return []
  return [{ pid: Number(pid), startedAt, command: (command ?? '').trim() }]
}
