import { pino } from 'pino'
import {
  type AccountService,
  createAccountService,
} from '../../../services/accounts/account-service.js'
import { createPasswords } from '../../../services/accounts/passwords.js'
import { createTokens } from '../../../services/accounts/tokens.js'
import { createMetrics } from '../../../services/adapters/metrics.js'
import type { Schedules } from '../../../services/adapters/temporal-schedules.js'
import { decodeModel } from '../../../engine/model/text-model.js'
import { createAccessControl } from '../../../api/access/access-control.js'
import { createApp } from '../../../api/app.js'
import { productSubjects, type SubjectParts } from '../../../commands/processes/subjects.js'
import { createFindRunKind } from '../../../services/runs/run-kind.js'
import { createRunService } from '../../../services/runs/run-service.js'
import { listen } from '../../../api/http/server.js'
import type { OpenDatabase } from '../../../db/database.js'
import { createKeyedHash, createKeyRing, type KeyRing } from '../../../db/key-ring.js'
import { testConfig } from '../../support/config.js'
import { openTestDatabase } from '../../support/database.js'
import { decodeTestModel, testCard } from '../../support/models.js'
import { createFakeWorkflowRunner, type FakeWorkflowRunner } from './fake-workflow-runner.js'

/** The HTTP half of the product, listening on loopback, on the test database. */
export interface TestApi {
  readonly port: number
  readonly url: string
  readonly database: OpenDatabase
  readonly keys: KeyRing
  readonly runner: FakeWorkflowRunner
  readonly accounts: AccountService
  /** Every line that was logged, as it was logged: no redaction takes anything out. */
  readonly logLines: readonly string[]
  close(): Promise<void>
}

export interface TestApiOptions {
  readonly env?: Readonly<Record<string, string>>
  /** One that is open already; otherwise the shared one, with empty tables. */
  readonly database?: OpenDatabase
  readonly runner?: FakeWorkflowRunner
  /** The key of the machine's own command line. */
  readonly localKey?: string
  readonly checkTemporal?: () => Promise<{ temporal: boolean; workers: boolean }>
  readonly isDiskLow?: () => boolean
  /** Whether the backlog has room; it has unless told. */
  readonly hasRoom?: () => boolean
  readonly schedules?: Schedules
}

export async function startApi(options: TestApiOptions = {}): Promise<TestApi> {
  const config = testConfig(options.env)
  const database = options.database ?? (await openTestDatabase())
  const runner = options.runner ?? createFakeWorkflowRunner()
  const keys = createKeyRing(config.secrets.encryption)
  const logLines: string[] = []
  const log = pino({ level: 'trace' }, { write: (line: string) => void logLines.push(line) })
  const hash = createKeyedHash(config.secrets.hash.join())
  const tokens = createTokens({
    secrets: config.secrets.signing,
    lifetimeMinutes: config.accessTokenMinutes,
  })
  const accounts = createAccountService({
    db: database.db,
    pool: database.pool,
    // The least that bcrypt knows: here only its answer counts.
    passwords: createPasswords({ cost: 4 }),
    tokens,
    hash,
  })
  const access = createAccessControl({
    config,
    accounts,
    db: database.db,
    hash,
    log,
    localKey: options.localKey,
  })
  const disk = {
    isLow: () => Promise.resolve(options.isDiskLow?.() ?? false),
    noteFull: () => undefined,
  }
  const metrics = createMetrics()
  const parts = { config, version: '1.2.3', log, database, hash, access, metrics, disk }
  const kinds = productSubjects.flatMap(({ runKinds }) => runKinds)
  const findKind = createFindRunKind(kinds)
  const subjectParts = {
    ...parts,
    db: database.db,
    keys,
    kinds,
    findKind,
    runs: createRunService({
      db: database.db,
      findKind,
      runner,
      onUnheardCancel: (error) => log.warn({ err: error }, 'unheard'),
      withdrawals: { add: () => undefined },
      backlog: {
        enter: () => Promise.resolve((options.hasRoom?.() ?? true) ? () => undefined : undefined),
      },
    }),
    accounts,
    tokens,
    findSockets: () => undefined,
    models: {
      shipped: [testCard('shipped')],
      readCard: ({ name, bytes }) =>
        Promise.resolve().then(() => decodeModel(name, bytes, undefined).card),
      check: (_task, { name, bytes }) =>
        Promise.resolve().then(() => void decodeTestModel(name, bytes)),
    },
    schedules: options.schedules ?? {
      list: () => Promise.resolve([]),
      move: () => Promise.resolve(undefined),
    },
    checkTemporal:
      options.checkTemporal ?? (() => Promise.resolve({ temporal: true, workers: true })),
  } satisfies SubjectParts
  const app = createApp({
    ...parts,
    errors: productSubjects.map(({ errors }) => errors),
    served: productSubjects.map((subject) => subject.serve(subjectParts)),
  })
  const server = await listen({ app, host: '127.0.0.1', port: 0, tunnel: undefined })
  return {
    port: server.port,
    url: `http://127.0.0.1:${server.port}`,
    database,
    keys,
    runner,
    accounts,
    logLines,
    close: () => server.close(),
  }
}
