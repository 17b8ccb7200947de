import type { IncomingMessage } from 'node:http'
import type { Context } from 'koa'
import { ApiError } from './errors.js'
import { commonErrors } from './common-errors.js'
import { parseJson } from './parse-json.js'

const plainType = /^application\/json(?: *; *charset="?utf-?8"?)?$/i

/**
 * Reads the body that nearly every script and page sends: JSON in UTF-8 whose length is said beforehand and
 * fits. The general parser takes ten times as long to find out that it is one.
 *
 * @returns undefined for any other body, of which nothing is read then
 * @throws as parseJson(); ApiError `upload_interrupted` where the client went away
 */
export async function readPlainJson(
  { req }: Pick<Context, 'req'>,
  maxBytes: number,
  maxItems?: number,
): Promise<{ readonly json: unknown } | undefined> {
  const { headers } = req
  const length = Number(headers['content-length'] ?? 0)
  const isPlain =
    length > 0 &&
    length <= maxBytes &&
    headers['content-encoding'] === undefined &&
    plainType.test(headers['content-type'] ?? '')
  if (!isPlain) return undefined
  return { json: parseJson(await readBytes(req), maxItems) }
}

/** As many as were announced: Node's parser sees to that. */
function readBytes(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let isWhole = false
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      isWhole = true
      resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks))
    })
    const interrupted = () => {
      // A close comes after the end as well.
      if (!isWhole) reject(new ApiError(commonErrors.upload_interrupted))
    }
    request.on('error', interrupted)
    request.on('close', interrupted)
  })
}
