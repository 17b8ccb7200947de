import type { Role } from '../../../db/schema/accounts.js'
import type { TestApi } from './start-api.js'

/** An account that signed in. */
export interface Person {
  readonly id: number
  readonly username: string
  readonly token: string
  /** `Authorization` with the token. */
  readonly headers: Readonly<Record<string, string>>
}

export const password = 'correta-e-longa'

export async function createPerson(
  { accounts }: Pick<TestApi, 'accounts'>,
  username: string,
  role: Role = 'user',
): Promise<Person> {
  const { id } = await accounts.register({ username, password, role })
  const { token } = await accounts.signIn({ username, password, address: '127.0.0.1' })
  return { id, username, token, headers: asBearer(token) }
}

export const asKey = (secret: string) => ({ 'X-API-Key': secret })
export const asBearer = (secret: string) => ({ Authorization: `Bearer ${secret}` })
/** As a browser keeps what an answer sets. */
export const readSetCookie = (setCookie: readonly string[] | undefined, name: string): string =>
  (setCookie ?? [])
    .map((cookie) => cookie.split(';', 1)[0] ?? '')
    .find((pair) => pair.startsWith(`${name}=`))
    ?.slice(name.length + 1) ?? ''
export const asCookie = (token: string) => ({ Cookie: `other=1; triagem_session=${token}` })
