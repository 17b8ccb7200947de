import { Agent, type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'

/** Connections stay open, as those of a reverse proxy do. */
const agent = new Agent({ keepAlive: true })

/** The one client of every side. @returns the answer's JSON @throws where the status is not 200 */
export async function postJson(
  url: string,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): Promise<unknown> {
  const bytes = Buffer.from(JSON.stringify(body))
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const outgoing = request(
      url,
      {
        method: 'POST',
        agent,
        headers: {
          'content-type': 'application/json',
          'content-length': bytes.length,
          ...headers,
        },
      },
      resolve,
    )
    outgoing.on('error', reject)
    outgoing.end(bytes)
  })
  const answer = await text(response)
  if (response.statusCode !== 200)
    throw new Error(`POST was answered ${response.statusCode ?? 0}: ${answer}`)
  return JSON.parse(answer)
}
