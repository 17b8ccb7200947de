import type { ColumnType, GeneratedAlways, Selectable } from 'kysely'
import type { Sealed } from './sealed.js'

/** What a run is doing, whatever its kind. `waiting`: for a time, or for somebody. */
export const runStatuses = ['pending', 'running', 'waiting', 'completed', 'failed'] as const
export type RunStatus = (typeof runStatuses)[number]

export const isFinalStatus = (status: RunStatus): boolean =>
  status === 'completed' || status === 'failed'

/** Steps that every run has, before and after its kind's own. */
export const commonRunSteps = ['queued', 'starting', 'done', 'stopped'] as const
export type CommonRunStep = (typeof commonRunSteps)[number]

/** Why a run of any kind may fail; each kind has errors of its own beside them. */
export const commonRunErrors = ['cancelled', 'stopped_outside', 'internal'] as const
export type CommonRunError = (typeof commonRunErrors)[number]

type Defaulted<T> = ColumnType<T, T | undefined, T>

/** What takes time: one row and one workflow. What it works on is in tables of its kind. */
export interface RunsTable {
  readonly id: string
  /** Names a RunKind: see services/runs/run-kind.ts. */
  readonly kind: string
  status: Defaulted<RunStatus>
  /** Not `completed` and not `failed`. */
  readonly is_open: GeneratedAlways<boolean>
  readonly is_waiting: GeneratedAlways<boolean>
  /** A common step or one of its kind; rendered in the reader's language. */
  step: Defaulted<string>
  /** Percent. */
  progress: Defaulted<number>
  /** How many of its items are done; null where it has none to count. */
  done: Defaulted<number | null>
  total: Defaulted<number | null>
  /** A common error or one of its kind; rendered in the reader's language. */
  error: Defaulted<string | null>
  /** (epoch, seq) orders what a run said of itself: epoch is its workflow's start in ms, seq counts in it. */
  epoch: Defaulted<number>
  seq: Defaulted<number>
  /** Until when it waits; null where it doesn't, or where it waits for somebody. */
  waiting_until: Defaulted<Date | null>
  readonly created_at: Defaulted<Date>
  updated_at: Defaulted<Date>
  ended_at: Defaulted<Date | null>
  /** Somebody removed it: what it held is gone, the row stays a while for its sockets and its workflow. */
  removed_at: Defaulted<Date | null>
}

/** The steps of a classification on its way. */
export const classificationSteps = [
  'extracting_text',
  'detecting_language',
  'classifying',
  'generating_response',
] as const
export type ClassificationStep = (typeof classificationSteps)[number]

/** Why a text can't be classified. */
export const classificationErrors = [
  'not_text',
  'pdf_not_pdf',
  'pdf_encrypted',
  'pdf_damaged',
  'pdf_without_text',
  'pdf_too_many_pages',
  'pdf_too_slow',
  'pdf_too_large',
  'empty_text',
] as const
export type ClassificationError = (typeof classificationErrors)[number]

/** Where a classified text comes from. */
export type TextSource = 'text' | 'txt' | 'pdf'

/** What a run of kind `classification` works on; the row is gone once the run is removed. */
export interface ClassificationsTable {
  /** Of its run. */
  readonly id: string
  source: TextSource
  /** What was sent, text as UTF-8 or the file's bytes. */
  content: Sealed
  /** The text read from a file. Null for `text`, and before extraction. */
  extracted: Sealed | null
  /** JSON: what is known so far; the result once the run is completed. */
  outcome: Sealed | null
}

export interface IdempotencyKeysTable {
  /** Route and caller. */
  readonly scope: string
  /** Keyed hash of what the caller sent as Idempotency-Key. */
  readonly key_hash: string
  /** Keyed hash of the request's content. */
  readonly body_hash: string
  /** What the key stands for: a kind of thing, a kind of run for one, and its id. */
  readonly kind: string
  readonly target_id: string
  /** A second caller was given it: it may no longer be taken back. */
  joined: Defaulted<boolean>
  readonly created_at: Defaulted<Date>
}

/** Layout of rate-limiter-flexible's PostgreSQL store. */
export interface RateLimitsTable {
  readonly key: string
  points: number
  expire: number | null
}

/** What an account may do: its own mail; the system's work and its records; accounts and keys too. */
export const roles = ['user', 'operator', 'admin'] as const
export type Role = (typeof roles)[number]

/** Who signs in. Not finance's people. */
export interface AccountsTable {
  readonly id: GeneratedAlways<number>
  /** As written at registration. */
  readonly username: string
  /** Folded, so that look-alikes are one name: see services/accounts/fold-username.ts. */
  readonly username_key: string
  /** bcrypt; null once deleted. */
  password_hash: string | null
  role: Defaulted<Role>
  /** A token of an older generation is signed out. */
  token_generation: Defaulted<number>
  readonly created_at: Defaulted<Date>
  disabled_at: Defaulted<Date | null>
  /** The row stays, without a password, so that mail it wrote can be read. */
  deleted_at: Defaulted<Date | null>
}

export interface ApiKeysTable {
  readonly id: GeneratedAlways<number>
  name: string
  /** SHA-256 of the key: it has 256 random bits, so nothing slower is needed. */
  readonly digest: Buffer
  readonly scopes: string[]
  readonly created_by: number | null
  readonly created_at: Defaulted<Date>
  last_used_at: Defaulted<Date | null>
  revoked_at: Defaulted<Date | null>
}

/** What is written down of who did what. */
export const auditActions = [
  'sign_in',
  'sign_out',
  'access',
  'key_use',
  'account_created',
  'account_changed',
  'account_removed',
  'key_created',
  'key_revoked',
  'model_added',
  'model_promoted',
  'model_rolled_back',
] as const
export type AuditAction = (typeof auditActions)[number]

/** What happened at the door. No name, address, token or text: ids and keyed hashes. */
export interface AuditTable {
  readonly id: GeneratedAlways<number>
  readonly at: Defaulted<Date>
  readonly action: AuditAction
  readonly outcome: string
  readonly account_id: number | null
  /** `key:3`, `setting:1a2b…`, `account:7`, `open`. */
  readonly caller: string | null
  /** Keyed hash of the name that was tried, or the id of what was changed. */
  readonly subject: string | null
  readonly address_hash: string | null
  readonly request_id: string | null
}

/** One row for each account that ever got mail: bumped in the transaction of each event. */
export interface MailCountersTable {
  readonly account_id: number
  /** Milliseconds: when the counting began. */
  readonly epoch: GeneratedAlways<number>
  seq: Defaulted<number>
  unread: Defaulted<number>
}

export interface MessagesTable {
  readonly id: GeneratedAlways<number>
  readonly sender_id: number
  readonly recipient_id: number
  /** Text. */
  readonly title: Sealed
  /** Text. */
  readonly body: Sealed
  /** What title and body are bound to; null where they were sealed before seals were bound. */
  readonly seal_id: Defaulted<string | null>
  /** Of the event that told the recipient of it. */
  readonly seq: number
  is_read: Defaulted<boolean>
  readonly created_at: Defaulted<Date>
}

/** Models that users trained; what ships is no row. Never changed but for `problem`. */
export interface ModelsTable {
  readonly id: GeneratedAlways<number>
  readonly task: string
  /** Named after its content: of one task it stands for the same bytes always. */
  readonly version: string
  /** What the model says of itself (ModelCard), as JSON. */
  readonly card: ColumnType<unknown, string, never>
  readonly bytes: Buffer
  /** Why the process that last tried to load it could not; null where it could, or none tried. */
  problem: Defaulted<string | null>
  readonly created_at: Defaulted<Date>
}

/** What was made current when; never changed. The newest row of a task says what is current. */
export interface ModelPromotionsTable {
  readonly id: GeneratedAlways<number>
  readonly task: string
  /** Null is the default that ships. */
  readonly model_id: number | null
  readonly kind: 'promote' | 'rollback'
  readonly promoted_at: Defaulted<Date>
  /** As the audit names callers: `account:7`, `key:3`, `setting:1a2b…`, `open`, `local`. */
  readonly promoted_by: string
}

/** The steps of a batch on its way. */
export const batchSteps = ['classifying'] as const
export type BatchStep = (typeof batchSteps)[number]

/** Why a batch can't be classified. */
export const batchErrors = ['no_model'] as const
export type BatchError = (typeof batchErrors)[number]

/** What a run of kind `batch` works on: many texts. */
export interface BatchesTable {
  /** Of its run. */
  readonly id: string
  readonly task: string
  readonly items: number
  readonly chunk_size: number
}

export interface BatchChunksTable {
  readonly batch_id: string
  /** From 0. */
  readonly index: number
  /** JSON: the items. */
  readonly content: Sealed
  /** What the items were classified as; null until done. */
  result: Defaulted<Sealed | null>
  /** Of the model that judged the chunk. */
  model_version: Defaulted<string | null>
}

export interface Database {
  runs: RunsTable
  classifications: ClassificationsTable
  accounts: AccountsTable
  api_keys: ApiKeysTable
  audit: AuditTable
  mail_counters: MailCountersTable
  messages: MessagesTable
  idempotency_keys: IdempotencyKeysTable
  rate_limits: RateLimitsTable
  models: ModelsTable
  model_promotions: ModelPromotionsTable
  batches: BatchesTable
  batch_chunks: BatchChunksTable
}

export type RunRow = Selectable<RunsTable>
export type ClassificationRow = Selectable<ClassificationsTable>
