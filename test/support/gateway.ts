import { randomUUID } from 'node:crypto'
import { pino } from 'pino'
import { createTokens } from '../../services/accounts/tokens.js'
import { createMetrics } from '../../services/adapters/metrics.js'
import type { EmailResult } from '../../services/email-classification/email-result.js'
import { classificationRuns } from '../../services/email-classification/classification-runs.js'
import { createFindRunKind } from '../../services/runs/run-kind.js'
import { createRunService } from '../../services/runs/run-service.js'
import type { WorkflowRunner } from '../../services/runs/workflow-runner.js'
import {
  type Gateway,
  type GatewayInput,
  type SocketImplementation,
  startGateway,
} from '../../api/live/gateway.js'
import { createRunSocket } from '../../api/routes/runs/run-socket.js'
import { createRunSource } from '../../api/routes/runs/run-source.js'
import type { CreateChannel } from '../../api/live/socket-channel.js'
import { createStateFeed } from '../../api/live/state-feed.js'
import type { StateFeedTiming } from '../../api/live/state-follower.js'
import { createJobSocket } from '../../api/routes/email-classification/job-socket.js'
import { createMailFeed } from '../../api/routes/internal-mail/mail-socket.js'
import { createOriginRules } from '../../api/access/origin.js'
import { findNativeUws } from '../../api/live/sockets/uws-server.js'
import type { Db, OpenDatabase } from '../../db/database.js'
import {
  classificationKind,
  insertClassification,
  updateOutcome,
} from '../../db/classifications.js'
import { recordEnd, recordProgress } from '../../db/run-progress.js'
import { classificationPlace } from '../../db/seal-places.js'
import {
  createKeyedHash,
  createKeyRing,
  type KeyRing,
  sealJson,
  sealText,
} from '../../db/key-ring.js'
import type { ClassificationStep } from '../../db/schema/email-classification.js'
import { testConfig, testKeys } from './config.js'
import { openTestDatabase } from './database.js'
import { waitUntil } from './wait-until.js'

const log = pino({ level: 'silent' })
export const keys = createKeyRing([testKeys.ENC_KEY])
export const sign = createKeyedHash(testKeys.SECRET_KEY)
export const tokens = createTokens({ secrets: [testKeys.SECRET_KEY], lifetimeMinutes: 30 })

/** A Temporal that has nothing to tell, but for what a test gives it to say. */
export function stubRunner(said: Partial<WorkflowRunner> = {}): WorkflowRunner {
  return {
    start: () => Promise.resolve(),
    cancel: () => Promise.resolve(),
    findState: () => Promise.resolve('running'),
    queryProgress: () => Promise.resolve(undefined),
    listClosed: () => Promise.resolve([]),
    ...said,
  }
}

export interface TestGateway extends Gateway {
  /** Of a job's socket. */
  url(jobId: string): string
  /** Of a mail socket. @param more what follows the token in the query */
  mailUrl(token: string, more?: string): string
}

/** What a test may have different from the usual. */
export interface TestGatewayOptions extends Partial<Omit<GatewayInput, 'database'>> {
  readonly database?: OpenDatabase
  readonly runner?: WorkflowRunner
  readonly timing?: Partial<StateFeedTiming>
  readonly keys?: KeyRing
}

const open = new Set<Gateway>()

async function openTestGateway(
  options: TestGatewayOptions & { readonly database: OpenDatabase },
): Promise<TestGateway> {
  const gateway = await startGateway({
    host: '127.0.0.1',
    port: 0,
    log,
    channels: productChannels(options),
    origins: createOriginRules(testConfig()),
    metrics: createMetrics(),
    signatures: [sign],
    trustedProxies: 0,
    socketsPerAddress: 10_000,
    ...options,
  })
  open.add(gateway)
  const base = `ws://127.0.0.1:${gateway.port}/ws/`
  return {
    ...gateway,
    url: (id) => `${base}job-status/${id}`,
    mailUrl: (token, more = '') => `${base}?token=${token}${more}`,
  }
}

/** The sockets of the product. */
function productChannels({
  database: { db },
  runner = stubRunner(),
  timing,
  keys: ring = keys,
}: TestGatewayOptions & { readonly database: OpenDatabase }): readonly CreateChannel[] {
  const findKind = createFindRunKind([classificationRuns])
  const runs = createRunService({
    ...{ db, findKind, runner, onUnheardCancel: () => undefined },
    withdrawals: { add: () => undefined },
    backlog: { enter: () => Promise.resolve(() => undefined) },
  })
  return [
    (publish) =>
      createStateFeed({
        source: createRunSource({ db, keys: ring, runner, findKind }),
        views: [createJobSocket({ runs }), createRunSocket({ findKind, runs })],
        log,
        publish,
        timing,
      }),
    () => createMailFeed({ db, keys: ring, log, tokens, maxOpeningsPerMinute: 300 }),
  ]
}

/** What each test of sockets begins with. */
export interface GatewayTest {
  readonly implementation: SocketImplementation
  /** Emptied for each test. */
  readonly database: OpenDatabase
  /** On this implementation and, unless the options say another, this database; closed after the test. */
  open(options?: TestGatewayOptions): Promise<TestGateway>
}

/** The same tests on each socket server; uWebSockets.js is skipped by name where it has no build. */
export function describeOnEach(title: string, body: (on: SocketImplementation) => void): void {
  for (const implementation of ['uws', 'ws'] as const) {
    const isAbsent = implementation === 'uws' && findNativeUws() === undefined
    const define = isAbsent ? describe.skip : describe
    define(`${title} (${implementation})`, () => body(implementation))
  }
}

/** Tests of gateways, on each socket server. */
export function describeGateway(title: string, body: (on: GatewayTest) => void): void {
  describeOnEach(title, (implementation) => {
    let database: OpenDatabase
    beforeEach(async () => {
      database = await openTestDatabase()
    })
    afterEach(async () => {
      for (const gateway of open) await gateway.close()
      open.clear()
    })
    body({
      implementation,
      get database() {
        return database
      },
      open: (options) => openTestGateway({ database, implementation, ...options }),
    })
  })
}

export const exampleResult: EmailResult = {
  category: 'Produtivo',
  confidence: 0.93,
  suggested_response: 'Prezado, recebemos o pedido.',
  processed_text: 'Qual é o andamento do pedido?',
  original_length: 29,
  needs_review: false,
  language: 'pt',
  subject: '',
  topic: 'question',
  explanation: [{ feature: 'andamento', weight: 1.2 }],
  engine: 'local',
  degraded: false,
  model_version: 'test',
}

export async function addJob(db: Db): Promise<string> {
  const id = randomUUID()
  await insertClassification(db, {
    id,
    source: 'text',
    content: sealText(keys, 'Qual é o andamento?', classificationPlace('content', id)),
  })
  return id
}

export const runStartedAt = Date.UTC(2026, 0, 15)

/** A step of the first run, with progress of ten for each. */
export async function advance(
  db: Db,
  id: string,
  seq: number,
  step: ClassificationStep = 'classifying',
) {
  await recordProgress(db, [
    {
      id,
      kind: classificationKind,
      status: 'running',
      step,
      progress: seq * 10,
      done: null,
      total: null,
      epoch: runStartedAt,
      seq,
    },
  ])
}

export async function complete(db: Db, id: string, seq = 8, by = keys): Promise<void> {
  await updateOutcome(db, id, sealJson(by, exampleResult, classificationPlace('outcome', id)))
  await recordEnd(db, id, { status: 'completed' }, { epoch: runStartedAt, seq })
}

/** Breaks every LISTEN connection to this database, and waits until they are gone. */
export async function breakListening(pool: OpenDatabase['pool']): Promise<void> {
  const listening = async () => {
    const { rows } = await pool.query<{ pid: number }>(
      `select pid from pg_stat_activity where application_name = 'triagem-listen'
       and datname = current_database() and state = 'idle' and query ilike 'listen%'`,
    )
    return rows.map((row) => row.pid)
  }
  const pids = await waitUntil('it listens', async () => {
    const found = await listening()
    return found.length > 0 ? found : undefined
  })
  await pool.query('select pg_terminate_backend(pid) from unnest($1::int[]) pid', [pids])
  await waitUntil('they are gone', async () => {
    const left = await listening()
    return !left.some((pid) => pids.includes(pid))
  })
}
