/** A step that does nothing. */
export function doNothing(): Promise<void> {
  return Promise.resolve()
}
