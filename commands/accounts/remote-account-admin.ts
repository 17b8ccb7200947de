import { z } from 'zod'
import { scopes } from '../../config/access.js'
import { roles } from '../../db/schema/accounts.js'
import type { ServerClient } from '../data-dir/server-client.js'
import type { AccountAdmin } from './account-admin.js'

const added = z.object({ id: z.int() })
const listed = z.object({
  id: z.int(),
  username: z.string(),
  role: z.enum(roles),
  scopes: z.array(z.enum(scopes)),
  state: z.enum(['active', 'disabled']),
})

/** Accounts by way of the server that holds their database; its errors come as its own sentences. */
export function createRemoteAccountAdmin({ ask }: ServerClient): AccountAdmin {
  return {
    list: async () => z.array(listed).parse(await ask({ method: 'GET', path: '/accounts' })),
    add: async (body) => added.parse(await ask({ method: 'POST', path: '/users/', body })),
    change: async (id, body) => {
      await ask({ method: 'PUT', path: `/users/${id}`, body })
    },
  }
}
