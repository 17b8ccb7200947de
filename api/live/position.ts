/** Where a state or an event stands among its own kind: seq counts within an epoch, a higher epoch is newer. */
export interface Position {
  readonly epoch: number
  readonly seq: number
}

export const isNewer = (next: Position, known: Position): boolean =>
  next.epoch > known.epoch || (next.epoch === known.epoch && next.seq > known.seq)

const wholeNumber = /^\d{1,15}$/

/** `?since=SEQ&epoch=E`: how far a client had come. @returns undefined where it doesn't say */
export function readPosition(query: URLSearchParams): Position | undefined {
  const [epoch, seq] = [query.get('epoch') ?? '', query.get('since') ?? '']
  if (!wholeNumber.test(epoch) || !wholeNumber.test(seq)) return undefined
  return { epoch: Number(epoch), seq: Number(seq) }
}
