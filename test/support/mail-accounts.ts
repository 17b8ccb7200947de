import type { Db } from '../../db/database.js'

/** An account that writes and gets mail; it has no password, so it can't sign in. @returns its id */
export async function addMailAccount(
  db: Db,
  username: string,
  state: { disabled_at?: Date; deleted_at?: Date } = {},
): Promise<number> {
  const { id } = await db
    .insertInto('accounts')
    .values({ username, username_key: username.toLowerCase(), password_hash: null, ...state })
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}
