import { constants } from 'node:fs'
import { access, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type Task, tasks } from '../../engine/tasks.js'
import { ConfigError } from '../../config/values.js'

export function readTask(word: string | undefined, usage: string): Task {
  const task = tasks.find((known) => known === word)
  if (task !== undefined) return task
  if (word === undefined) throw new ConfigError(usage)
  throw new ConfigError(`${word} is no task: ${tasks.join(', ')}.\n\n${usage}`)
}

/** Before the long work: a page that can't be written should not cost it. */
export async function assertWritable(path: string | undefined): Promise<void> {
  if (path === undefined) return
  const folder = dirname(path)
  await access(folder, constants.W_OK).catch(() => {
    throw new ConfigError(`${path} can’t be written: ${folder} is not there, or not yours.`)
  })
}

export const writePage = async (path: string, page: string): Promise<void> => {
  await writeFile(path, page)
}
