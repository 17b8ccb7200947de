/**
 * Where a sealed value rests. It is sealed for this place and opens at no other, so nobody who can write to
 * the database can swap two values. These names and ids are part of what is sealed: what was sealed under
 * them opens under them alone, so they stay as they are when a table or column is renamed.
 */
export interface SealPlace {
  readonly table: string
  readonly column: string
  /** The row's ids as PostgreSQL writes them (uuid in lower case), joined by `/`. */
  readonly row: string
}

export const classificationPlace = (
  column: 'content' | 'extracted' | 'outcome',
  runId: string,
): SealPlace => ({ table: 'classifications', column, row: runId })

export const batchChunkPlace = (
  column: 'content' | 'result',
  batchId: string,
  index: number,
): SealPlace => ({ table: 'batch_chunks', column, row: `${batchId}/${index}` })

/** What a text of a message is bound to. */
export interface MessageIds {
  /**
   * Made by the process that seals, since the database makes the row's id only when it writes the row. No two rows
   * have the same one, so a text can't be copied to a second row. Null or absent for a message from before seals were bound: its texts open anywhere.
   */
  readonly seal_id?: string | null | undefined
  readonly sender_id: number
  readonly recipient_id: number
}

export const messagePlace = (
  column: 'title' | 'body',
  { seal_id, sender_id, recipient_id }: MessageIds,
): SealPlace => ({
  table: 'messages',
  column,
  row: `${seal_id ?? ''}/${sender_id}/${recipient_id}`,
})

/**
 * Of every payload that passes through Temporal. The codec is given the bytes alone, not the workflow or
 * activity they belong to, so no closer place is known. Payloads can still be swapped among each other, but
 * not with what rests in a table.
 */
export const payloadPlace: SealPlace = { table: 'temporal', column: 'payload', row: '' }
