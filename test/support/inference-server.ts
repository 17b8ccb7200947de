import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { createGzip } from 'node:zlib'

/** What the server does with a request; a run of them is used up in order, the last one stays. */
export type InferenceBehaviour =
  | { mode: 'answers'; content: string; finishReason?: string }
  | { mode: 'status'; status: number; headers?: Record<string, string>; body?: string }
  | { mode: 'sends'; body: string; contentType?: string }
  | { mode: 'stalls' }
  | { mode: 'stalls-mid-body' }
  | { mode: 'drops-mid-body' }
  | { mode: 'endless'; gzip?: boolean }

export interface RecordedRequest {
  method: string
  path: string
  headers: IncomingHttpHeaders
  body: unknown
}

export interface InferenceServer {
  /** An address at this server; the usual chat-completions path unless told. */
  url(path?: string): string
  readonly requests: readonly RecordedRequest[]
  behave(...behaviours: [InferenceBehaviour, ...InferenceBehaviour[]]): void
  /** Resolves when the client has gone away from a request that the server didn't end. */
  abandoned(): Promise<void>
  close(): Promise<void>
}

/** A real HTTP server on a free loopback port that speaks the chat-completions protocol, or worse. */
export async function startInferenceServer(): Promise<InferenceServer> {
  const requests: RecordedRequest[] = []
  let markAbandoned = (): void => undefined
  const abandonment = new Promise<void>((resolve) => {
    markAbandoned = resolve
  })
  let behaviours: InferenceBehaviour[] = [{ mode: 'answers', content: 'Produtivo' }]

  const server = createServer((request, response) => {
    void text(request).then((body) => {
      requests.push({
        method: request.method ?? '',
        path: request.url ?? '',
        headers: request.headers,
        body: body === '' ? undefined : JSON.parse(body),
      })
      response.on('close', () => {
        if (!response.writableFinished) markAbandoned()
      })
      const behaviour = behaviours[0]!
      if (behaviours.length > 1) behaviours = behaviours.slice(1)
      serve(behaviour, response)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo

  return {
    url: (path = '/v1/chat/completions') => `http://127.0.0.1:${port}${path}`,
    requests,
    behave: (...next) => {
      behaviours = next
    },
    abandoned: () => abandonment,
    close: async () => {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

function serve(behaviour: InferenceBehaviour, response: ServerResponse): void {
  switch (behaviour.mode) {
    case 'answers':
      sendJson(response, completion(behaviour.content, behaviour.finishReason ?? 'stop'))
      return
    case 'status':
      response.writeHead(behaviour.status, behaviour.headers).end(behaviour.body)
      return
    case 'sends':
      if (behaviour.contentType !== undefined) {
        response.setHeader('content-type', behaviour.contentType)
      }
      response.end(behaviour.body)
      return
    case 'stalls':
      return
    case 'stalls-mid-body':
      response.writeHead(200, { 'content-type': 'application/json' }).write('{"choices":[')
      return
    case 'drops-mid-body':
      response
        .writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' })
        .write('{"choices":[', () => response.destroy())
      return
    case 'endless':
      sendForEver(response, behaviour.gzip ?? false)
  }
}

/** As small servers answer: without usage, id and creation time. */
function completion(content: string, finishReason: string): unknown {
  return {
    choices: [{ index: 0, finish_reason: finishReason, message: { role: 'assistant', content } }],
  }
}

function sendJson(response: ServerResponse, value: unknown): void {
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify(value))
}

function sendForEver(response: ServerResponse, gzip: boolean): void {
  const block = Buffer.alloc(64 * 1024, ' ')
  const blocks = new Readable({
    read() {
      this.push(block)
    },
  })
  response.writeHead(200, {
    'content-type': 'application/json',
    ...(gzip ? { 'content-encoding': 'gzip' } : {}),
  })
  response.on('close', () => blocks.destroy())
  if (gzip) blocks.pipe(createGzip()).pipe(response)
  else blocks.pipe(response)
}
