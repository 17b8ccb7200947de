import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

export interface ProcessUsage {
  /** User and system time of all threads since the process began. */
  readonly processorMs: number
  readonly residentBytes: number
}

/**
 * What a process has used, by Linux's /proc: its clock ticks are 10 ms as a rule.
 *
 * @throws where the process is gone, or the system has no /proc
 */
export function readUsage(pid: number): ProcessUsage {
  // The program's name is in brackets and may hold anything; fields are counted after it.
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [userTicks, systemTicks] = [Number(fields[11]), Number(fields[12])]
  const resident = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return {
    processorMs: ((userTicks + systemTicks) * 1000) / ticksPerSecond(),
    residentBytes: Number(resident) * 1024,
  }
}

/** The same over several processes together. */
export function readUsageOfAll(pids: readonly number[]): ProcessUsage {
  const usages = pids.map(readUsage)
  return {
    processorMs: usages.reduce((sum, usage) => sum + usage.processorMs, 0),
    residentBytes: usages.reduce((sum, usage) => sum + usage.residentBytes, 0),
  }
}

let ticks: number | undefined
function ticksPerSecond(): number {
  return (ticks ??= Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' })))
}
