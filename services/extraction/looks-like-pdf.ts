/** Readers accept junk before the header within this distance (PDF Reference 1.7, appendix H.3, note 13). */
const HEADER_WITHIN_BYTES = 1024

/** Whether the bytes begin as a PDF does, whatever the file's name says. */
export function looksLikePdf(bytes: Uint8Array): boolean {
  return new TextDecoder().decode(bytes.subarray(0, HEADER_WITHIN_BYTES)).includes('%PDF-')
}
