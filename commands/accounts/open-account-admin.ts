import type { Config } from '../../config/load-config.js'
import { recordAudit } from '../../db/audit.js'
import { createKeyedHash } from '../../db/key-ring.js'
import { type Data, reachData } from '../data-dir/reach-data.js'
import { openAccounts } from '../processes/open-accounts.js'
import { type AccountAdmin, createAccountAdmin } from './account-admin.js'
import { createRemoteAccountAdmin } from './remote-account-admin.js'

/** Gives the accounts to `use`, wherever they are. */
export async function withAccountAdmin<T>(
  config: Config,
  use: (admin: AccountAdmin) => Promise<T>,
): Promise<T> {
  const data = await reachData(config)
  try {
    return await use(openAccountAdmin(data))
  } finally {
    await data.close()
  }
}

function openAccountAdmin(data: Data): AccountAdmin {
  if (data.kind === 'server') return createRemoteAccountAdmin(data.server)
  const { config, database } = data
  const [hashSecret] = config.secrets.hash
  if (hashSecret === undefined) throw new Error('HASH_KEY is not set.')
  const accounts = openAccounts({ config, database, hash: createKeyedHash(hashSecret) })
  return createAccountAdmin(accounts, (what) =>
    recordAudit(database.db, { ...what, caller: 'command-line' }),
  )
}
