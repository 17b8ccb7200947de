import { request } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { z } from 'zod'
import type { LocalServer } from './local-server.js'

export interface LocalCall {
  readonly method: 'GET' | 'POST' | 'PUT'
  readonly path: string
  /** A Buffer goes as it is, anything else as JSON. */
  readonly body?: object
  readonly answerWithinMs?: number
}

const refusal = z.object({ message: z.string() })
const usualAnswerWithinMs = 15_000

/** Asks the server that holds DATA_DIR for JSON. @throws Error as callLocalServer() */
export async function askLocalServer(server: LocalServer, call: LocalCall): Promise<unknown> {
  return parseJson(await callLocalServer(server, call))
}

/**
 * Calls the server that holds DATA_DIR.
 *
 * @returns what its answer holds
 * @throws Error with that server's own sentence where it refuses
 */
export async function callLocalServer(server: LocalServer, call: LocalCall): Promise<Buffer> {
  const { status, bytes } = await send(server, call).catch((error: unknown) => {
    throw new Error('The server that holds DATA_DIR does not answer: try again in a moment.', {
      cause: error,
    })
  })
  if (status === 200) return bytes
  const said = refusal.safeParse(parseJson(bytes))
  throw new Error(said.success ? said.data.message : `The server answered ${status}.`)
}

/** Not fetch(), which lets nobody choose `Host`: one that HOST names may not be among ALLOWED_HOSTS. */
async function send(
  { url, key }: LocalServer,
  { method, path, body, answerWithinMs = usualAnswerWithinMs }: LocalCall,
): Promise<{ status: number | undefined; bytes: Buffer }> {
  return await new Promise((resolve, reject) => {
    const sent = request(new URL(path, url), {
      method,
      // A connection that is kept may have been closed by the time of the next call, minutes of training later.
      agent: false,
      headers: {
        host: 'localhost',
        'x-api-key': key,
        'accept-language': 'en',
        ...(body === undefined ? {} : { 'content-type': typeOf(body) }),
      },
      signal: AbortSignal.timeout(answerWithinMs),
    })
    sent.on('error', reject)
    sent.once('response', (response) => {
      buffer(response).then((bytes) => resolve({ status: response.statusCode, bytes }), reject)
    })
    sent.end(Buffer.isBuffer(body) || body === undefined ? body : JSON.stringify(body))
  })
}

const typeOf = (body: object): string =>
  Buffer.isBuffer(body) ? 'application/octet-stream' : 'application/json'

/** undefined for what is none. */
function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString())
  } catch {
    return undefined
  }
}
