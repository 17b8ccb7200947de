import { parse } from 'secure-json-parse'
import { commonErrors } from './common-errors.js'
import { ApiError } from './errors.js'

/** No body of ours has more than a quarter of it. */
const maxDepth = 32
/** As many take a few milliseconds to parse. */
export const defaultMaxJsonItems = 100_000

/**
 * Parses JSON of somebody whom nobody knows.
 *
 * @param maxItems objects, lists and what is in them
 * @throws SyntaxError where it is no JSON; ApiError `json_too_complex` before it is parsed
 */
export function parseJson(bytes: Buffer, maxItems = defaultMaxJsonItems): unknown {
  if (isTooComplex(bytes, maxItems))
    throw new ApiError(commonErrors.json_too_complex, {
      problems: [{ loc: ['body'], msg: 'too many levels or items', type: 'json_too_complex' }],
    })
  // A key `__proto__` would bring a prototype of its own to whoever copies the object. `constructor` does
  // nothing to us: it is a field like others.
  return parse(bytes, { constructorAction: 'ignore' })
}

const [quote, backslash, comma] = [0x22, 0x5c, 0x2c]
const [openList, closeList, openObject, closeObject] = [0x5b, 0x5d, 0x7b, 0x7d]

/**
 * One look at each byte, without parsing: 8 MB of `[` kept the event loop for a second. In UTF-8 none of
 * these bytes is part of another character. What is no JSON may be counted wrongly; the parser refuses it.
 */
function isTooComplex(bytes: Buffer, maxItems: number): boolean {
  let [depth, items] = [0, 0]
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]
    if (byte === quote) at = endOfText(bytes, at)
    else if (byte === comma) items++
    else if (byte === closeList || byte === closeObject) depth--
    else if (byte === openList || byte === openObject) {
      items++
      depth++
      if (depth > maxDepth) return true
    }
    if (items > maxItems) return true
  }
  return false
}

/** @returns where the quote is that ends the text which begins at `start` */
function endOfText(bytes: Buffer, start: number): number {
  let at = start + 1
  while (at < bytes.length && bytes[at] !== quote) at += bytes[at] === backslash ? 2 : 1
  return at
}
