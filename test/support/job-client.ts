import { setTimeout as delay } from 'node:timers/promises'
import { WebSocket } from 'ws'
import { type JobState, jobStateSchema } from '../../api/routes/email-classification/job-state.js'

/** One answer, body read. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: Record<string, unknown>
}

export async function request(url: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url, { signal: AbortSignal.timeout(20_000), ...init })
  const body = (await response.json()) as Record<string, unknown>
  return { status: response.status, headers: response.headers, body }
}

export async function postText(
  url: string,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  return await request(`${url}/classify-email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ text }),
  })
}

export async function postFile(
  url: string,
  file: { readonly bytes: Buffer; readonly name: string; readonly type: string },
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const form = new FormData()
  form.set('file', new Blob([new Uint8Array(file.bytes)], { type: file.type }), file.name)
  return await request(`${url}/classify-email`, { method: 'POST', headers, body: form })
}

/** The id of a job that was accepted. @throws where the answer is no 200 */
export function acceptedJobId({ status, body }: Answer): string {
  const { job_id: id } = body
  if (status !== 200 || typeof id !== 'string')
    throw new Error(`Not accepted: ${status} ${JSON.stringify(body)}`)
  return id
}

/** One socket on one job. */
export interface JobWatch {
  /** Every frame so far, each checked against the contract's shape. */
  readonly frames: readonly JobState[]
  /** The close code; 1006 where the connection broke or never came about. */
  readonly closed: Promise<number>
  send(message: object): void
  readonly drop: () => void
}

export function watchJob(url: string, jobId: string, query = ''): JobWatch {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws/job-status/${jobId}${query}`)
  const frames: JobState[] = []
  let wrong: unknown
  socket.on('message', (data: Buffer) => {
    try {
      frames.push(jobStateSchema.parse(JSON.parse(data.toString())))
    } catch (error) {
      wrong = error
    }
  })
  socket.on('error', () => undefined)
  const closed = new Promise<number>((resolve, reject) => {
    socket.once('close', (code) => {
      if (wrong === undefined) resolve(code)
      else reject(wrong instanceof Error ? wrong : new Error('A frame of another shape.'))
    })
  })
  return {
    frames,
    closed,
    send: (message) => socket.send(JSON.stringify(message)),
    drop: () => socket.terminate(),
  }
}

/** What a page that reconnects has seen of a job by its end. */
export interface FollowedJob {
  readonly frames: readonly JobState[]
  readonly last: JobState
  readonly connections: number
}

/**
 * Follows a job to its end, as a page does: a connection that breaks is made again, from where it was.
 *
 * @param urls asked for each connection in turn, so that a later one may lead elsewhere
 */
export async function followJob(
  urls: readonly string[],
  jobId: string,
  timeoutMs: number,
): Promise<FollowedJob> {
  const deadline = Date.now() + timeoutMs
  const frames: JobState[] = []
  for (let connections = 1; ; connections++) {
    const seen = frames.at(-1)
    const since = seen === undefined ? '' : `?since=${seen.seq}&epoch=${seen.epoch}`
    const watch = watchJob(urls[connections % urls.length] ?? '', jobId, since)
    const late = setTimeout(watch.drop, Math.max(0, deadline - Date.now()))
    const code = await watch.closed
    clearTimeout(late)
    frames.push(...watch.frames)
    const last = frames.at(-1)
    if (code === 1000 && last !== undefined) return { frames, last, connections }
    if (code === 4404 || Date.now() > deadline)
      throw new Error(`Job ${jobId} was not seen to end (${code}): ${JSON.stringify(last)}`)
    await delay(50)
  }
}
