import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { startChild } from '../support/child.js'
import type { Later } from '../support/with-cleanup.js'
import type { AudienceOrder } from './audience.js'

/** Gives an order to the readers. @returns the count it asks for @throws where they are not done in a minute */
export type AskAudience = (order: AudienceOrder) => Promise<number>

const answerTimeoutMs = 60_000
const answer = z.object({ count: z.number() })

export function startAudience(later: Later): AskAudience {
  const child = startChild({
    name: 'audience',
    program: process.execPath,
    args: [fileURLToPath(new URL('./audience.js', import.meta.url))],
    ipc: true,
  })
  later(() => child.stop())
  return async (order) => {
    const answered = once(child.process, 'message', {
      signal: AbortSignal.timeout(answerTimeoutMs),
    })
    child.process.send(order)
    const messages = await answered.catch((error: unknown) => {
      throw new Error(
        `The sockets did not come to '${order.order}' in time. They said:\n${child.output()}`,
        {
          cause: error,
        },
      )
    })
    return answer.parse(messages[0]).count
  }
}
