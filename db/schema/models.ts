import type { ColumnType, GeneratedAlways } from 'kysely'
import type { Defaulted } from './columns.js'

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
