import { z } from 'zod'
import type { ServerClient } from '../data-dir/server-client.js'
import type { AccountAdmin } from './account-admin.js'

const listed = z.object({ id: z.int(), username: z.string() })

/** Accounts by way of the server that holds their database; its errors come as its own sentences. */
export function createRemoteAccountAdmin({ ask }: ServerClient): AccountAdmin {
  return {
    list: async () => z.array(listed).parse(await ask({ method: 'GET', path: '/users/' })),
    add: async (body) => listed.parse(await ask({ method: 'POST', path: '/users/', body })),
    change: async (id, body) => {
      await ask({ method: 'PUT', path: `/users/${id}`, body })
    },
  }
}
