import type { Logger } from 'pino'
import { z } from 'zod'
import type { JobService } from '../../services/runs/job-service.js'
import type { JobRunner } from '../../services/runs/job-runner.js'
import type { Db } from '../../db/database.js'
import { type JobProgress, jobProgressChannel } from '../../db/jobs.js'
import type { KeyRing } from '../../db/key-ring.js'
import {
  renderJobProgress,
  renderJobRow,
  renderUnknownJob,
} from '../routes/email-classification/job-state.js'
import { createLiveUpdates, type LiveUpdateTiming } from './live-updates.js'
import { readerLanguage } from '../http/reader-language.js'
import type { ReaderLanguage } from '../http/sentences.js'
import { classificationErrors } from '../routes/email-classification/errors.js'
import { noticeSentences } from '../routes/email-classification/sentences.js'
import { closeCodes, type Peer, type Session, type SocketChannel } from './socket-channel.js'

export interface JobSocketsInput {
  readonly db: Db
  readonly keys: KeyRing
  readonly log: Logger
  readonly runner: JobRunner
  readonly jobs: JobService
  readonly timing: LiveUpdateTiming | undefined
  /** To every socket that subscribed to the topic. */
  publish(topic: string, text: string): void
}

interface JobSocket {
  readonly jobId: string
  readonly language: ReaderLanguage
  readonly peer: Peer
}

const jobPath = /^\/ws\/job-status\/([^/]{1,200})\/?$/
const uuid = z.uuid()
const command = z.object({ type: z.literal('cancel') })

/** `/ws/job-status/{job_id}`: the state of one job, and its cancel. */
export function createJobSockets(input: JobSocketsInput): SocketChannel {
  const { keys, log, jobs } = input
  const rooms = new Map<string, Set<JobSocket>>()

  const live = createLiveUpdates({
    db: input.db,
    runner: input.runner,
    log,
    ...(input.timing === undefined ? {} : { timing: input.timing }),
    handlers: {
      onProgress: (progress) => publish(progress),
      onEnd: (row) =>
        sendLast(row.id, (language) => renderJobRow(row, keys, language), closeCodes.done),
      onUnknown: (jobId) =>
        sendLast(
          jobId,
          (language) => renderUnknownJob(jobId, classificationErrors.job_not_found[language]),
          closeCodes.unknownJob,
        ),
    },
  })

  function open(socket: JobSocket): void {
    const { jobId, language, peer } = socket
    if (!uuid.safeParse(jobId).success) {
      peer.send(
        JSON.stringify(renderUnknownJob(jobId, classificationErrors.job_not_found[language])),
      )
      peer.close(closeCodes.unknownJob, 'unknown job')
      return
    }
    const room = rooms.get(jobId) ?? new Set()
    rooms.set(jobId, room.add(socket))
    peer.subscribe(topic(jobId, language))
    const latest = live.findLatest(jobId)
    if (latest !== undefined) peer.send(JSON.stringify(renderJobProgress(latest, language)))
    live.watch(jobId)
  }

  function leave(socket: JobSocket): void {
    const room = rooms.get(socket.jobId)
    if (room === undefined) return
    room.delete(socket)
    if (room.size > 0) return
    rooms.delete(socket.jobId)
    live.unwatch(socket.jobId)
  }

  function publish(progress: JobProgress): void {
    for (const language of languagesOf(rooms.get(progress.id)))
      input.publish(
        topic(progress.id, language),
        JSON.stringify(renderJobProgress(progress, language)),
      )
  }

  /** The last frame has no successor that would show its loss: it goes to each socket by itself. */
  function sendLast(
    jobId: string,
    renderFor: (language: ReaderLanguage) => object,
    code: number,
  ): void {
    const room = rooms.get(jobId) ?? new Set()
    rooms.delete(jobId)
    try {
      const texts = new Map(
        [...languagesOf(room)].map((language) => [language, JSON.stringify(renderFor(language))]),
      )
      for (const { peer, language } of room) {
        const taken = peer.send(texts.get(language) ?? '')
        peer.close(taken ? code : closeCodes.tooFarBehind, '')
      }
    } catch (error) {
      // A result whose key is gone: its sockets wait for nothing more, and other jobs go on.
      log.error({ err: error }, 'The end of a job could not be told.')
      for (const { peer } of room) peer.close(closeCodes.unreadable, '')
    }
  }

  async function receive(socket: JobSocket, text: string | undefined): Promise<void> {
    // Said after the last frame.
    if (rooms.get(socket.jobId)?.has(socket) !== true) return
    if (!isCancel(text)) {
      sendNotice(socket, 'not_understood')
      return
    }
    try {
      await jobs.cancel(socket.jobId)
    } catch (error) {
      log.warn({ err: error }, 'A cancel could not be recorded.')
      sendNotice(socket, 'not_cancelled')
    }
  }

  /** Says something beside the state, in a frame that a page which knows nothing of it reads as usual. */
  function sendNotice(socket: JobSocket, notice: keyof typeof noticeSentences): void {
    const { jobId, language, peer } = socket
    const latest = live.findLatest(jobId)
    if (latest === undefined) return
    const state = renderJobProgress(latest, language)
    peer.send(JSON.stringify({ ...state, notice: noticeSentences[notice][language] }))
  }

  function connect(socket: JobSocket): Session {
    open(socket)
    return {
      receive: (text) => void receive(socket, text),
      leave: () => leave(socket),
    }
  }

  return {
    label: '/ws/job-status',
    notifyChannel: jobProgressChannel,
    accept: (request) => {
      const jobId = jobPath.exec(request.path)?.[1]?.toLowerCase()
      if (jobId === undefined) return undefined
      const language = readerLanguage(request.header('accept-language') ?? '')
      return (peer) => connect({ jobId, language, peer })
    },
    onNotification: (payload) => live.onNotification(payload),
    resync: () => live.resync(),
    close: () => live.close(),
  }
}

const topic = (jobId: string, language: ReaderLanguage) => `job/${jobId}/${language}`

function languagesOf(room: ReadonlySet<JobSocket> | undefined): Set<ReaderLanguage> {
  const languages = new Set<ReaderLanguage>()
  for (const socket of room ?? []) {
    languages.add(socket.language)
    if (languages.size === 2) break
  }
  return languages
}

function isCancel(text: string | undefined): boolean {
  try {
    return text !== undefined && command.safeParse(JSON.parse(text)).success
  } catch {
    return false
  }
}
