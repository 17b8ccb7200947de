import { heartbeat } from '@temporalio/activity'

const intervalMs = 3_000

/** Says every 3 s that a remote activity is alive, so that a cancel reaches it and its death is noticed. */
export async function withHeartbeat<T>(work: () => Promise<T>): Promise<T> {
  const beat = setInterval(() => heartbeat(), intervalMs)
  try {
    return await work()
  } finally {
    clearInterval(beat)
  }
}
