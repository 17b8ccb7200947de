import { z } from 'zod'
import type { AccountAdmin } from './account-admin.js'
import { askLocalServer, type LocalCall } from './call-local-server.js'
import type { LocalServer } from './local-server.js'

const listed = z.object({ id: z.int(), username: z.string() })

/** Accounts by way of the server that holds their database; its errors come as its own sentences. */
export function createRemoteAccountAdmin(server: LocalServer): AccountAdmin {
  const ask = (method: LocalCall['method'], path: string, body?: object) =>
    askLocalServer(server, { method, path, ...(body === undefined ? {} : { body }) })
  return {
    list: async () => z.array(listed).parse(await ask('GET', '/users/')),
    add: async (input) => listed.parse(await ask('POST', '/users/', input)),
    change: async (id, change) => {
      await ask('PUT', `/users/${id}`, change)
    },
  }
}
