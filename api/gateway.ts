import type { Logger } from 'pino'
import { z } from 'zod'
import type { Metrics } from '../activities/adapters/metrics.js'
import type { JobDesk } from '../activities/email/job-desk.js'
import type { JobRunner } from '../activities/email/job-runner.js'
import type { OpenDatabase } from '../db/database.js'
import { type JobProgress, jobProgressChannel } from '../db/jobs.js'
import type { KeyedHash, KeyRing } from '../db/key-ring.js'
import { openNotifications } from '../db/notifications.js'
import { readClientAddress, signClientAddress, tunnelHeaders } from './client-address.js'
import { renderJobProgress, renderJobRow, renderUnknownJob } from './job-state.js'
import { createLiveUpdates, type LiveUpdateTiming } from './live-updates.js'
import type { OriginRules } from './origin.js'
import { readerLanguage } from './reader-language.js'
import { errorSentences, noticeSentences, type ReaderLanguage } from './sentences.js'
import { createSocketServer, type SocketImplementation } from './sockets/create-socket-server.js'
import type { Socket, UpgradeAnswer, UpgradeRequest } from './sockets/socket-server.js'

export interface GatewayInput {
  readonly host: string
  readonly port: number
  readonly log: Logger
  readonly database: OpenDatabase
  readonly keys: KeyRing
  readonly runner: JobRunner
  readonly jobs: JobDesk
  readonly origins: OriginRules
  readonly metrics: Metrics
  /** One for each signing key: the API's tunnel signs with the first. */
  readonly signatures: readonly KeyedHash[]
  readonly trustedProxies: number
  readonly socketsPerAddress: number
  readonly implementation?: SocketImplementation
  readonly timing?: LiveUpdateTiming
}

export interface Gateway {
  readonly port: number
  readonly implementation: SocketImplementation
  close(): Promise<void>
}

interface SocketData {
  readonly jobId: string
  readonly language: ReaderLanguage
  readonly address: string
  /** Messages since the window began. */
  messages: number
  windowStartedAtMs: number
}
type JobSocket = Socket<SocketData>

/** RFC 6455 codes; 4404 is the contract's own. */
const closeCodes = {
  done: 1000,
  tooManyMessages: 1008,
  unreadable: 1011,
  tooFarBehind: 1013,
  unknownJob: 4404,
} as const
const messageWindowMs = 10_000
const messagesPerWindow = 20
const jobPath = /^\/ws\/job-status\/([^/]{1,200})\/?$/
const uuid = z.uuid()
const command = z.object({ type: z.literal('cancel') })

/** Relays the progress of jobs to sockets, and what sockets ask for to jobs. */
export async function startGateway(input: GatewayInput): Promise<Gateway> {
  const { database, keys, log, jobs, metrics } = input
  const rooms = new Map<string, Set<JobSocket>>()
  const perAddress = new Map<string, number>()
  const gauge = metrics.sockets.labels({ path: '/ws/job-status' })

  const live = createLiveUpdates({
    db: database.db,
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
          (language) => renderUnknownJob(jobId, errorSentences.job_not_found[language]),
          closeCodes.unknownJob,
        ),
    },
  })

  const { server, implementation } = createSocketServer<SocketData>(
    {
      onUpgrade: (request) => answerUpgrade(input, perAddress, request),
      onOpen: (socket) => {
        gauge.inc()
        count(perAddress, socket.data.address, 1)
        open(socket)
      },
      onMessage: (socket, text) => void receive(socket, text),
      onClose: (socket) => {
        gauge.dec()
        count(perAddress, socket.data.address, -1)
        leave(socket)
      },
    },
    input.implementation,
  )

  function open(socket: JobSocket): void {
    const { jobId, language } = socket.data
    if (!uuid.safeParse(jobId).success) {
      socket.send(JSON.stringify(renderUnknownJob(jobId, errorSentences.job_not_found[language])))
      socket.close(closeCodes.unknownJob, 'unknown job')
      return
    }
    const room = rooms.get(jobId) ?? new Set()
    rooms.set(jobId, room.add(socket))
    socket.subscribe(topic(jobId, language))
    const latest = live.findLatest(jobId)
    if (latest !== undefined) socket.send(JSON.stringify(renderJobProgress(latest, language)))
    live.watch(jobId)
  }

  function leave(socket: JobSocket): void {
    const room = rooms.get(socket.data.jobId)
    if (room === undefined) return
    room.delete(socket)
    if (room.size > 0) return
    rooms.delete(socket.data.jobId)
    live.unwatch(socket.data.jobId)
  }

  function publish(progress: JobProgress): void {
    for (const language of languagesOf(rooms.get(progress.id)))
      server.publish(
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
      for (const socket of room) {
        const taken = socket.send(texts.get(socket.data.language) ?? '')
        socket.close(taken ? code : closeCodes.tooFarBehind, '')
      }
    } catch (error) {
      // A result whose key is gone: its sockets wait for nothing more, and other jobs go on.
      log.error({ err: error }, 'The end of a job could not be told.')
      for (const socket of room) socket.close(closeCodes.unreadable, '')
    }
  }

  async function receive(socket: JobSocket, text: string | undefined): Promise<void> {
    if (isFlooding(socket.data)) {
      socket.close(closeCodes.tooManyMessages, 'too many messages')
      return
    }
    // Said after the last frame.
    if (rooms.get(socket.data.jobId)?.has(socket) !== true) return
    if (!isCancel(text)) {
      sendNotice(socket, 'not_understood')
      return
    }
    try {
      await jobs.cancel(socket.data.jobId)
    } catch (error) {
      log.warn({ err: error }, 'A cancel could not be recorded.')
      sendNotice(socket, 'not_cancelled')
    }
  }

  /** Says something beside the state, in a frame that a page which knows nothing of it reads as usual. */
  function sendNotice(socket: JobSocket, notice: keyof typeof noticeSentences): void {
    const { jobId, language } = socket.data
    const latest = live.findLatest(jobId)
    if (latest === undefined) return
    const state = renderJobProgress(latest, language)
    socket.send(JSON.stringify({ ...state, notice: noticeSentences[notice][language] }))
  }

  const notifications = await openNotifications(database, jobProgressChannel, {
    onNotification: (payload) => live.onNotification(payload),
    onListening: () => live.resync(),
    onError: (error) => log.warn({ err: error }, 'Not listening for progress; trying again.'),
  })
  const close = async () => {
    live.close()
    await server.close()
    await notifications.close()
  }
  try {
    return { port: await server.listen(input.host, input.port), implementation, close }
  } catch (error) {
    await close()
    throw error
  }
}

const topic = (jobId: string, language: ReaderLanguage) => `job/${jobId}/${language}`

function languagesOf(room: ReadonlySet<JobSocket> | undefined): Set<ReaderLanguage> {
  const languages = new Set<ReaderLanguage>()
  for (const socket of room ?? []) {
    languages.add(socket.data.language)
    if (languages.size === 2) break
  }
  return languages
}

function answerUpgrade(
  input: GatewayInput,
  perAddress: ReadonlyMap<string, number>,
  request: UpgradeRequest,
): UpgradeAnswer<SocketData> {
  const host = request.header('host')
  if (!input.origins.isOurHost(host)) return { accept: false, status: '421 Misdirected Request' }
  if (!input.origins.mayChange(request.header('origin'), host))
    return { accept: false, status: '403 Forbidden' }
  const jobId = jobPath.exec(request.path)?.[1]
  if (jobId === undefined) return { accept: false, status: '404 Not Found' }
  const address = readAddress(input, request)
  if ((perAddress.get(address) ?? 0) >= input.socketsPerAddress)
    return { accept: false, status: '429 Too Many Requests' }
  const language = readerLanguage(request.header('accept-language') ?? '')
  return {
    accept: true,
    data: {
      jobId: jobId.toLowerCase(),
      language,
      address,
      messages: 0,
      windowStartedAtMs: 0,
    },
  }
}

/** The client that the tunnel speaks for, if the tunnel really did; else what trusted proxies say. */
function readAddress(input: GatewayInput, request: UpgradeRequest): string {
  const client = request.header(tunnelHeaders.client)
  const signature = request.header(tunnelHeaders.signature)
  const socketKey = request.header('sec-websocket-key') ?? ''
  if (client !== undefined && signature !== undefined) {
    const isOurs = input.signatures.some(
      (sign) => signClientAddress(sign, client, socketKey) === signature,
    )
    if (isOurs) return client
  }
  return readClientAddress(
    request.peerAddress,
    request.header('x-forwarded-for'),
    input.trustedProxies,
  )
}

function isFlooding(data: SocketData): boolean {
  const now = Date.now()
  if (now - data.windowStartedAtMs > messageWindowMs) {
    data.windowStartedAtMs = now
    data.messages = 0
  }
  return ++data.messages > messagesPerWindow
}

function isCancel(text: string | undefined): boolean {
  try {
    return text !== undefined && command.safeParse(JSON.parse(text)).success
  } catch {
    return false
  }
}

function count(counts: Map<string, number>, key: string, by: 1 | -1): void {
  const next = (counts.get(key) ?? 0) + by
  if (next > 0) counts.set(key, next)
  else counts.delete(key)
}
