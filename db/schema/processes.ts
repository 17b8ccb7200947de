import type { Generated } from 'kysely'

/** A process of the cluster form that runs, or ran until lately. */
export interface ProcessesTable {
  id: string
  /** As its log lines call it. */
  part: string
  /** Of the keys that it can open; not secret. The first one seals. */
  key_ids: string[]
  seen_at: Generated<Date>
}
