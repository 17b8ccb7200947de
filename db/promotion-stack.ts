/**
 * Replays promotions, oldest first: each puts a model on top, each rollback takes the top away. So a
 * rollback of a rollback goes further back, and never in a circle.
 *
 * @returns the models from the first to the current one; empty where the default is current
 */
export function stackPromotions(
  rows: readonly { readonly model_id: number | null; readonly kind: 'promote' | 'rollback' }[],
): readonly number[] {
  const stack: number[] = []
  for (const { model_id: id, kind } of rows) {
    if (kind === 'rollback') stack.pop()
    else if (id !== null) stack.push(id)
  }
  return stack
}
