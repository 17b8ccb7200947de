import { open, readFile, stat, truncate } from 'node:fs/promises'

const maxLogBytes = 10 * 1024 * 1024
const checkEveryMs = 60_000

/** The child's own output, straight into a file: a pipe would kill the child when we are killed. */
export interface ServerLog {
  readonly fd: number
  /** The last line with something on it. */
  lastLine(): Promise<string>
  close(): Promise<void>
}

/** Starts the file anew and cuts it back to nothing whenever it has grown past 10 MB. */
export async function openServerLog(file: string): Promise<ServerLog> {
  // Appending is what lets a writer go on after its file was cut.
  const handle = await open(file, 'a', 0o600)
  await truncate(file)
  const timer = setInterval(() => void cutIfLong(file), checkEveryMs).unref()
  return {
    fd: handle.fd,
    lastLine: async () => {
      const lines = (await readFile(file, 'utf8')).split('\n').filter((line) => line.trim() !== '')
      return lines.at(-1)?.slice(0, 300) ?? 'it said nothing'
    },
    close: async () => {
      clearInterval(timer)
      await handle.close()
    },
  }
}

async function cutIfLong(file: string): Promise<void> {
  const found = await stat(file).catch(() => undefined)
  if (found !== undefined && found.size > maxLogBytes) await truncate(file)
}
