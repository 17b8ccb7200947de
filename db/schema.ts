import type { ColumnType, GeneratedAlways, Selectable } from 'kysely'

/** The states a client sees (contract 1). */
export const jobStatuses = [
  'pending',
  'processing',
  'extracting_text',
  'classifying',
  'generating_response',
  'completed',
  'failed',
] as const
export type JobStatus = (typeof jobStatuses)[number]

export const isFinalStatus = (status: JobStatus): boolean =>
  status === 'completed' || status === 'failed'

/** What a job is doing; stored as this key and rendered in the reader's language. */
export const jobSteps = [
  'queued',
  'starting',
  'extracting_text',
  'detecting_language',
  'classifying',
  'generating_response',
  'done',
  'stopped',
] as const
export type JobStep = (typeof jobSteps)[number]

/** Why a job failed; stored as this key and rendered in the reader's language. */
export type JobError =
  | 'cancelled'
  | 'stopped_outside'
  | 'internal'
  | 'not_text'
  | 'pdf_not_pdf'
  | 'pdf_encrypted'
  | 'pdf_damaged'
  | 'pdf_without_text'
  | 'pdf_too_many_pages'
  | 'pdf_too_slow'
  | 'pdf_too_large'
  | 'empty_text'

/** Where a job's text comes from. */
export type JobSource = 'text' | 'txt' | 'pdf'

type Defaulted<T> = ColumnType<T, T | undefined, T>

export interface JobsTable {
  readonly id: string
  source: JobSource
  /** Sealed: what was sent, text as UTF-8 or the file's bytes. Null once removed. */
  content: Buffer | null
  /** Sealed: the text read from a file. Null for `text`, before extraction and once removed. */
  extracted: Buffer | null
  /** Sealed JSON: what is known so far; the result once the status is `completed`. */
  outcome: Buffer | null
  status: Defaulted<JobStatus>
  /** Not `completed` and not `failed`. */
  readonly is_open: GeneratedAlways<boolean>
  step: Defaulted<JobStep>
  error: Defaulted<JobError | null>
  progress: Defaulted<number>
  /** (epoch, seq) orders what a job said of itself: epoch is the run's start in ms, seq counts in it. */
  epoch: Defaulted<number>
  seq: Defaulted<number>
  readonly created_at: Defaulted<Date>
  updated_at: Defaulted<Date>
  deleted_at: Defaulted<Date | null>
}

export interface IdempotencyKeysTable {
  /** Route and caller. */
  readonly scope: string
  /** Keyed hash of what the caller sent as Idempotency-Key. */
  readonly key_hash: string
  /** Keyed hash of the request's content. */
  readonly body_hash: string
  readonly job_id: string
  /** A second caller was given this job: it may no longer be taken back. */
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
  /** Sealed text. */
  readonly title: Buffer
  /** Sealed text. */
  readonly body: Buffer
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

/** Many texts classified as one job. */
export interface BatchesTable {
  readonly id: string
  readonly task: string
  readonly items: number
  readonly chunk_size: number
  readonly created_at: Defaulted<Date>
}

export interface BatchChunksTable {
  readonly batch_id: string
  /** From 0. */
  readonly index: number
  /** Sealed JSON: the items. */
  readonly content: Buffer
  /** Sealed: what the items were classified as; null until done. */
  result: Defaulted<Buffer | null>
  /** Of the model that judged the chunk. */
  model_version: Defaulted<string | null>
}

export interface Database {
  jobs: JobsTable
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

export type JobRow = Selectable<JobsTable>
