import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { Db } from '../../db/database.js'
import { classificationKind, insertClassification } from '../../db/classifications.js'
import { recordEnd, recordProgress } from '../../db/run-progress.js'
import { asSealed } from '../../db/sealed.js'

const intervalMs = 20
const epoch = 1

/** A job that no workflow runs: the bench moves its row. */
export async function createJob(db: Db): Promise<string> {
  const id = randomUUID()
  await insertClassification(db, {
    id,
    source: 'text',
    content: asSealed(Buffer.from('never read')),
  })
  return id
}

/**
 * Row updates with NOTIFY, by the product's own statement, one each 20 ms.
 *
 * @param from the first one's seq @returns the last one's
 */
export async function updateJob(
  db: Db,
  id: string,
  { from, updates }: { from: number; updates: number },
): Promise<number> {
  const startedAtMs = performance.now()
  for (let done = 0; done < updates;) {
    const progress = Math.floor((done * 90) / updates)
    const seq = from + done
    await recordProgress(db, [
      {
        id,
        kind: classificationKind,
        status: 'running',
        step: 'classifying',
        progress,
        done: null,
        total: null,
        epoch,
        seq,
      },
    ])
    done++
    await delay(Math.max(0, startedAtMs + done * intervalMs - performance.now()))
  }
  return from + updates - 1
}

/** @param seq the last update's */
export async function endJob(db: Db, id: string, seq: number): Promise<void> {
  await recordEnd(db, id, { status: 'completed' }, { epoch, seq })
}
