import { statfs } from 'node:fs/promises'

/** Whether there is room for new work. What is there is read and finished all the same. */
export interface FreeDisk {
  isLow(): Promise<boolean>
  /** The database said that its disk is full: wherever that disk is, it is low for a while. */
  noteFull(): void
}

export interface FreeDiskInput {
  /** Where the embedded database is; undefined for one on a server, whose disk isn't seen from here. */
  readonly folder: string | undefined
  readonly minFreeBytes: number
  readonly findFreeBytes?: (folder: string) => Promise<number>
  readonly now?: () => number
}

/** A burst of requests asks once. */
const freshMs = 1_000
/** Then it is tried again whether the database takes something. */
const fullMs = 30_000

export function createFreeDisk(input: FreeDiskInput): FreeDisk {
  const { folder, minFreeBytes, findFreeBytes = readFreeBytes, now = Date.now } = input
  let asked: { readonly atMs: number; readonly isLow: Promise<boolean> } | undefined
  let fullUntilMs = -Infinity

  const ask = (path: string): Promise<boolean> => {
    if (asked === undefined || now() - asked.atMs > freshMs)
      asked = {
        atMs: now(),
        // A folder that can't be asked about is no reason to refuse what may be taken.
        isLow: findFreeBytes(path).then(
          (bytes) => bytes < minFreeBytes,
          () => false,
        ),
      }
    return asked.isLow
  }
  return {
    isLow: async () => now() < fullUntilMs || (folder !== undefined && (await ask(folder))),
    noteFull: () => {
      fullUntilMs = now() + fullMs
    },
  }
}

async function readFreeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}
