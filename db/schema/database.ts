import type { AccountsTable, ApiKeysTable, AuditTable, RateLimitsTable } from './accounts.js'
import type { BatchChunksTable, BatchesTable } from './batches.js'
import type { ClassificationsTable } from './email-classification.js'
import type { MailCountersTable, MessagesTable } from './internal-mail.js'
import type { ModelPromotionsTable, ModelsTable } from './models.js'
import type { ProcessesTable } from './processes.js'
import type { IdempotencyKeysTable, RunsTable } from './runs.js'

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
  processes: ProcessesTable
}
