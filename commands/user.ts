import { randomBytes } from 'node:crypto'
import { parseArgs } from 'node:util'
import { AccountError } from '../services/accounts/account-service.js'
import { foldUsername } from '../services/accounts/fold-username.js'
import { accountErrors } from '../api/routes/accounts/errors.js'
import { ConfigError } from '../config/values.js'
import type { Config } from '../config/load-config.js'
import { type OpenScope, openScopes } from '../config/access.js'
import { type Role, roles } from '../db/schema/accounts.js'
import type { AccountAdmin, AccountChange } from './accounts/account-admin.js'
import { withAccountAdmin } from './accounts/open-account-admin.js'

export interface UserCommandInput {
  readonly config: Config
  /** What follows `triagem user`. */
  readonly args: string[]
  readonly say: (line: string) => void
  /** Gives '' where a random one is wanted. */
  readonly readPassword: (question: string) => Promise<string>
}

const usage = `Usage: triagem user COMMAND

  list                     id, name, role, scopes and state of each
  add NAME [--role ROLE] [--scopes SCOPES]
                           a password comes from standard input; without one it is made and shown
  password NAME            likewise; whoever was signed in no longer is
  role NAME ROLE           ${roles.join(', ')}
  scopes NAME SCOPES       what it may do beside what its role allows: ${openScopes.join(', ')},
                           several as finance+chat, or none
  disable NAME | enable NAME
  sign-out NAME            everywhere`

/** Keeps the accounts, whether the product runs or not. @throws ConfigError for a command that isn't one */
export async function runUser(input: UserCommandInput): Promise<void> {
  const { words, options } = readWords(input.args)
  const [command = '', name = '', ...rest] = words
  const run = plan(input, command, name, rest, options)
  try {
    await run()
  } catch (error) {
    throw error instanceof AccountError ? new Error(accountErrors[error.code].en) : error
  }
}

interface AddOptions {
  readonly role?: string | undefined
  readonly scopes?: string | undefined
}

function readWords(args: string[]): { words: string[]; options: AddOptions } {
  try {
    const options = { role: { type: 'string' }, scopes: { type: 'string' } } as const
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true })
    return { words: positionals, options: values }
  } catch {
    throw notUnderstood()
  }
}

/** What to do; words that make no sense are refused before anything is opened. */
function plan(
  input: UserCommandInput,
  command: string,
  name: string,
  rest: readonly string[],
  options: AddOptions,
): () => Promise<void> {
  const [value = '', ...tooMany] = rest
  const expected = command === 'list' ? 0 : command === 'role' || command === 'scopes' ? 2 : 1
  const given = [name, value, ...tooMany].filter((word) => word !== '').length
  const hasOptions = Object.keys(options).length > 0
  if (given !== expected || (hasOptions && command !== 'add')) throw notUnderstood()
  const change = (what: AccountChange, said: string) => () => changeOne(input, name, what, said)
  switch (command) {
    case 'list':
      return () => list(input)
    case 'add': {
      const role = readRole(options.role ?? 'user')
      const scopes = readScopes(options.scopes ?? none)
      return () => add(input, { username: name, role, scopes })
    }
    case 'password':
      return () => setPassword(input, name)
    case 'role':
      return change({ role: readRole(value) }, `has the role ${value}`)
    case 'scopes': {
      const scopes = readScopes(value)
      const said = scopes.length === 0 ? none : scopes.join(', ')
      return change({ scopes }, `has beside what its role allows: ${said}`)
    }
    case 'disable':
      return change({ disabled: true }, 'is disabled and signed out everywhere')
    case 'enable':
      return change({ disabled: false }, 'is enabled')
    case 'sign-out':
      return change({ sign_out: true }, 'is signed out everywhere')
    default:
      throw notUnderstood()
  }
}

const notUnderstood = () => new ConfigError(usage)

function readRole(name: string): Role {
  const role = roles.find((known) => known === name)
  if (role === undefined) throw new ConfigError(`The role must be one of ${roles.join(', ')}.`)
  return role
}

const none = 'none'

/** @param text `finance`, `finance+chat`, `finance,chat` or `none` */
function readScopes(text: string): OpenScope[] {
  if (text === none) return []
  const names = text.split(/[+,]/).map((name) => name.trim())
  if (names.includes('operator'))
    throw new ConfigError('The scope operator comes with a role: use --role operator.')
  return names.map((name) => {
    const scope = openScopes.find((known) => known === name)
    if (scope === undefined)
      throw new ConfigError(`A scope must be one of ${openScopes.join(', ')}.`)
    return scope
  })
}

async function list({ config, say }: UserCommandInput): Promise<void> {
  const accounts = await withAccountAdmin(config, (admin) => admin.list())
  for (const { id, username, role, scopes, state } of accounts)
    say([id, username, role, scopes.join('+'), state].join('\t'))
}

async function add(
  input: UserCommandInput,
  account: { username: string; role: Role; scopes: readonly OpenScope[] },
): Promise<void> {
  const { password, shown } = await choosePassword(input)
  const { id } = await withAccountAdmin(input.config, (admin) =>
    admin.add({ ...account, password }),
  )
  const { role, scopes } = account
  const beside = scopes.length === 0 ? '' : ` and the scopes ${scopes.join(', ')}`
  input.say(`Account ${id} is made, with the role ${role}${beside}.${shown}`)
}

async function setPassword(input: UserCommandInput, name: string): Promise<void> {
  const { password, shown } = await choosePassword(input)
  await changeOne(input, name, { password }, `has a new password.${shown}`, '')
}

async function changeOne(
  { config, say }: UserCommandInput,
  name: string,
  change: AccountChange,
  said: string,
  end = '.',
): Promise<void> {
  const id = await withAccountAdmin(config, async (admin) => {
    const account = await getByName(admin, name)
    await admin.change(account.id, change)
    return account.id
  })
  say(`Account ${id} ${said}${end}`)
}

async function getByName(admin: AccountAdmin, name: string): Promise<{ id: number }> {
  const key = foldUsername(name)
  const account = (await admin.list()).find(({ username }) => foldUsername(username) === key)
  if (account === undefined) throw new Error('There is no account of that name.')
  return account
}

async function choosePassword(
  input: UserCommandInput,
): Promise<{ password: string; shown: string }> {
  const typed = await input.readPassword('Password (empty: one is made): ')
  if (typed !== '') return { password: typed, shown: '' }
  const password = randomBytes(15).toString('base64url')
  return { password, shown: ` Its password, shown this once: ${password}` }
}
