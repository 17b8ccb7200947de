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

/** Whether an event is the very next one after what a reader has seen. Epoch 0 has seen nothing yet. */
export const follows = (next: Position, seen: Position): boolean =>
  next.seq === seen.seq + 1 && (next.epoch === seen.epoch || seen.epoch === 0)

/**
 * After which seq a reader has to be told what it missed.
 *
 * @param seen what it was told on this socket; undefined where nothing was
 * @param since what it says that it had seen before
 * @param present the newest state
 * @returns undefined where the reader knows this state, or a newer one, already
 */
export function findStart(
  seen: Position | undefined,
  since: Position | undefined,
  present: Position,
): number | undefined {
  if (seen === undefined) return findFirstStart(since, present)
  if (seen.epoch === present.epoch) return seen.seq < present.seq ? seen.seq : undefined
  if (seen.epoch === 0) return 0
  // This state was read before the first change, which the reader has seen.
  if (present.epoch === 0) return undefined
  // The counting has begun anew: what came in between can't be known.
  return present.seq
}

/** A position of another epoch, or one that was never reached, says nothing: only the present state is told. */
function findFirstStart(since: Position | undefined, present: Position): number {
  if (since?.epoch === 0) return 0
  return since?.epoch === present.epoch && since.seq <= present.seq ? since.seq : present.seq
}
