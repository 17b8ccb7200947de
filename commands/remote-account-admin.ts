import { request } from 'node:http'
import { json } from 'node:stream/consumers'
import { z } from 'zod'
import type { AccountAdmin } from './account-admin.js'
import type { LocalServer } from './local-server.js'

const listed = z.object({ id: z.int(), username: z.string() })
const refusal = z.object({ message: z.string() })
const answerWithinMs = 15_000

/** Accounts by way of the server that holds their database; its errors come as its own sentences. */
export function createRemoteAccountAdmin(server: LocalServer): AccountAdmin {
  return {
    list: async () => z.array(listed).parse(await call(server, 'GET', '/users/')),
    add: async (input) => listed.parse(await call(server, 'POST', '/users/', input)),
    change: async (id, change) => {
      await call(server, 'PUT', `/users/${id}`, change)
    },
  }
}

async function call(
  { url, key }: LocalServer,
  method: string,
  path: string,
  body?: object,
): Promise<unknown> {
  const { status, answer } = await send(new URL(path, url), method, key, body).catch(
    (error: unknown) => {
      throw new Error('The server that holds DATA_DIR does not answer: try again in a moment.', {
        cause: error,
      })
    },
  )
  if (status === 200) return answer
  const said = refusal.safeParse(answer)
  throw new Error(said.success ? said.data.message : `The server answered ${status}.`)
}

/** Not fetch(), which lets nobody choose `Host`: one that HOST names may not be among ALLOWED_HOSTS. */
async function send(
  url: URL,
  method: string,
  key: string,
  body: object | undefined,
): Promise<{ status: number | undefined; answer: unknown }> {
  return await new Promise((resolve, reject) => {
    const sent = request(url, {
      method,
      headers: {
        host: 'localhost',
        'x-api-key': key,
        'accept-language': 'en',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      signal: AbortSignal.timeout(answerWithinMs),
    })
    sent.once('error', reject)
    sent.once('response', (response) => {
      json(response).then((answer) => resolve({ status: response.statusCode, answer }), reject)
    })
    sent.end(body === undefined ? undefined : JSON.stringify(body))
  })
}
