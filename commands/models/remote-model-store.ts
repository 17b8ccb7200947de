import { z } from 'zod'
import { tasks } from '../../engine/tasks.js'
import type { ModelStore } from '../../services/models/model-store.js'
import type { ServerCall, ServerClient } from '../data-dir/server-client.js'

const listed = z.array(
  z.object({
    id: z.int().nullable(),
    task: z.string(),
    version: z.string(),
    is_current: z.boolean(),
  }),
)
const added = z.object({ id: z.int() })
/** A model is read by a thread that must first start, before it is stored or promoted. */
const answerWithinMs = 120_000

/** Models by way of the server that holds their database; its errors come as its own sentences. */
export function createRemoteModelStore(server: ServerClient): ModelStore {
  const ask = (call: ServerCall) => server.ask({ answerWithinMs, ...call })
  const list = async () => listed.parse(await ask({ method: 'GET', path: '/models' }))
  const readFile = (id: number) =>
    server.download({ method: 'GET', path: `/models/${id}/file`, answerWithinMs })

  return {
    add: async ({ bytes }) =>
      added.parse(await ask({ method: 'POST', path: '/models', body: bytes })),
    promote: async (id) => {
      await ask({ method: 'POST', path: `/models/${id}/promote` })
    },
    current: async (task) => {
      const model = (await list()).find((one) => one.task === task && one.is_current)
      if (model === undefined || model.id === null) return undefined
      const { id, version } = model
      return { id, version, bytes: await readFile(id) }
    },
    find: async (id) => {
      const model = (await list()).find((one) => one.id === id)
      const task = tasks.find((known) => known === model?.task)
      return task && { task, bytes: await readFile(id) }
    },
  }
}
