import { type Agent, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { z } from 'zod'
import type { TestApi } from './start-api.js'

const jsonList = z.array(z.record(z.string(), z.unknown()))

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  /** The body as JSON; throws where it is none. */
  readonly json: Readonly<Record<string, unknown>>
  /** The body as a list of JSON objects; throws where it is none. */
  readonly list: readonly Readonly<Record<string, unknown>>[]
}

export interface Sent {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  readonly agent?: Agent
}

/** One request with exactly these headers, Host and Origin included, on a connection of its own. */
export async function send(
  api: Pick<TestApi, 'port'>,
  path: string,
  { method = 'GET', headers = {}, body, agent }: Sent = {},
): Promise<Answer> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const outgoing = request(
      { host: '127.0.0.1', port: api.port, path, method, headers, agent: agent ?? false },
      resolve,
    )
    outgoing.on('error', reject)
    outgoing.end(body)
  })
  const text = (await buffer(response)).toString('utf8')
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    text,
    get json() {
      return JSON.parse(text) as Record<string, unknown>
    },
    get list() {
      return jsonList.parse(JSON.parse(text))
    },
  }
}

export async function postJson(
  api: Pick<TestApi, 'port'>,
  path: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  return await send(api, path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
}

/** Asks for a classification of a text and gives the job's id. */
export async function submit(
  api: Pick<TestApi, 'port'>,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { status, text: answer, json } = await postJson(api, '/classify-email', { text }, headers)
  if (status !== 200) throw new Error(`The text was refused: ${status} ${answer}`)
  return String(json['job_id'])
}

export interface Part {
  readonly name: string
  readonly filename?: string
  readonly type?: string
  readonly headers?: readonly string[]
  readonly body: string | Uint8Array
}

/** A multipart body written out by hand, so that it may say what no library would. */
export function multipart(...parts: readonly Part[]): {
  method: 'POST'
  headers: Record<string, string>
  body: Buffer
} {
  const boundary = 'triagem-test-boundary'
  const chunks = parts.flatMap(({ name, filename, type, headers = [], body }) => {
    const file = filename === undefined ? '' : `; filename="${filename}"`
    const lines = [
      `--${boundary}`,
      `Content-Disposition: form-data; name="${name}"${file}`,
      ...(type === undefined ? [] : [`Content-Type: ${type}`]),
      ...headers,
    ]
    return [Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), Buffer.from(body), Buffer.from('\r\n')]
  })
  return {
    method: 'POST',
    headers: { 'Content-Type': `multipart/form-data; boundary=${boundary}` },
    body: Buffer.concat([...chunks, Buffer.from(`--${boundary}--\r\n`)]),
  }
}
