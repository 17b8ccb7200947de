import { request } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { z } from 'zod'
import type { LocalServer } from './local-server.js'

export interface ServerCall {
  readonly method: 'GET' | 'POST' | 'PUT'
  readonly path: string
  /** A Buffer goes as it is, anything else as JSON. */
  readonly body?: object
  readonly answerWithinMs?: number
}

/** Calls the server that holds DATA_DIR. @throws Error with that server's own sentence where it refuses */
export interface ServerClient {
  /** @returns the JSON that it answers */
  readonly ask: (call: ServerCall) => Promise<unknown>
  /** @returns the bytes that it answers */
  download(call: ServerCall): Promise<Buffer>
}

const refusal = z.object({ message: z.string() })
const defaultAnswerWithinMs = 15_000

/** @param getServer asked before each call: a server that was started again has another key */
export function createServerClient(getServer: () => Promise<LocalServer>): ServerClient {
  const download = async (call: ServerCall) => await callServer(await getServer(), call)
  return { download, ask: async (call) => parseJson(await download(call)) }
}

async function callServer(server: LocalServer, call: ServerCall): Promise<Buffer> {
  const { status, bytes } = await send(server, call).catch((error: unknown) => {
    throw new Error('The server that holds DATA_DIR does not answer: try again in a moment.', {
      cause: error,
    })
  })
  if (status === 200) return bytes
  const said = refusal.safeParse(parseJson(bytes))
  throw new Error(said.success ? said.data.message : `The server answered ${status}.`)
}

/** Not fetch(), which doesn't let us choose `Host`: a name in HOST may not be among ALLOWED_HOSTS. */
async function send(
  { url, key }: LocalServer,
  { method, path, body, answerWithinMs = defaultAnswerWithinMs }: ServerCall,
): Promise<{ status: number | undefined; bytes: Buffer }> {
  return await new Promise((resolve, reject) => {
    const sent = request(new URL(path, url), {
      method,
      // A connection that is kept may be closed by the time of the next call, minutes of training later.
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

/** undefined for what is no JSON. */
function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString())
  } catch {
    return undefined
  }
}
