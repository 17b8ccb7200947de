import { z } from 'zod'
import type { Route } from './route.js'
import { commonErrors, type DeclaredError } from './common-errors.js'
import { sessionCookie } from '../access/credentials.js'

type Json = Record<string, unknown>

const errorBody = z
  .object({
    detail: z.union([
      z.string(),
      z.array(
        z.object({
          loc: z.array(z.union([z.string(), z.int()])),
          msg: z.string(),
          type: z.string(),
        }),
      ),
    ]),
    message: z.string(),
    error: z.string(),
    code: z.string(),
  })
  .meta({ id: 'Error' })

/** Describes the routes by the very schemas that validate them (OpenAPI 3.1, JSON Schema 2020-12). */
export function createOpenApi(routes: readonly Route[], version: string): Json {
  const schemas = new Map<string, Json>()
  const refer = (schema: z.ZodType): Json => {
    const { definitions, described } = toJsonSchema(schema)
    for (const [id, definition] of Object.entries(definitions)) schemas.set(id, definition)
    return described
  }
  const paths: Record<string, Json> = {}
  for (const route of routes) {
    const path = route.path.replaceAll(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [route.method]: describeRoute(route, refer) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Triagem',
      version,
      description:
        'What is open: `/`, `/health`, the docs, `POST /token`, `/sign-in` and, unless REGISTRATION is closed, `POST /users/`; whoever has the uuid of a job or a run may read, cancel and remove it. On loopback, while API_KEYS is not set, the scopes classify, finance, chat and mailbox are open too to a caller without a credential; elsewhere those that ALLOW_ANONYMOUS names. A wrong, expired or weaker credential is refused everywhere. What operators and administrators may asks for theirs everywhere. Progress streams over WebSocket at `/ws/job-status/{job_id}`: the present state at once, then each change; `{"type":"cancel"}` ends the job. Internal mail arrives at `/ws/?token=JWT`, or with the session cookie: the unread count at once, then each message and each change of the count; `&since=SEQ&epoch=E` asks for what was missed.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    paths,
    components: {
      schemas: Object.fromEntries(schemas),
      securitySchemes: {
        apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
        bearer: {
          type: 'http',
          scheme: 'bearer',
          description: 'A token of POST /token, or an API key.',
        },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: sessionCookie,
          description:
            'Set by POST /sign-in. What changes something needs an Origin that is allowed.',
        },
      },
    },
  }
}

function describeRoute(route: Route, refer: (schema: z.ZodType) => Json): Json {
  const { success, request, errors, access } = route
  return {
    summary: route.summary,
    tags: [route.tag],
    operationId: `${route.method}${route.path.replaceAll(/[^a-z]+(\w)/gi, (_, letter: string) => letter.toUpperCase()).replace(/\W+$/, '')}`,
    security: describeSecurity(access),
    ...describeAccess(access),
    parameters: [
      ...describeParameters(route.params, 'path', refer),
      ...describeParameters(route.query, 'query', refer),
      ...describeParameters(route.headers, 'header', refer),
    ],
    ...(request === undefined
      ? {}
      : {
          requestBody: {
            required: route.bodyOptional !== true,
            content: mapContent(request, refer),
          },
        }),
    responses: {
      ...Object.fromEntries(
        (success.statuses ?? [200]).map((status) => [status, describeSuccess(success, refer)]),
      ),
      ...describeErrors([...new Set([...errorsOfKind(route), ...errors])], refer),
    },
  }
}

const isPublic = (access: Route['access']) => access === 'public' || access === 'capability'
/** A key is no account. */
const needsAccount = (access: Route['access']) => access === 'account' || access === 'admin'

function describeSecurity(access: Route['access']): Json[] {
  if (isPublic(access)) return []
  const signedIn = [{ bearer: [] }, { session: [] }]
  return needsAccount(access) ? signedIn : [{ apiKey: [] }, ...signedIn]
}

/** What every route of its kind may answer: see auth.ts, rate-limits.ts and parse-json.ts. */
function errorsOfKind({
  access,
  method,
  request = {},
  takesRoom,
}: Route): readonly DeclaredError[] {
  const { sign_in_required, unauthorized, forbidden, too_many_requests, disk_low } = commonErrors
  return [
    ...(isPublic(access) ? [] : [needsAccount(access) ? sign_in_required : unauthorized]),
    ...(isPublic(access) || access === 'account' ? [] : [forbidden]),
    ...(method === 'post' ? [too_many_requests] : []),
    ...(takesRoom === true ? [disk_low] : []),
    ...('application/json' in request ? [commonErrors.json_too_complex] : []),
  ]
}

function describeSuccess(
  { description, body, mediaType = 'text/plain' }: Route['success'],
  refer: (schema: z.ZodType) => Json,
): Json {
  const content =
    body === undefined ? { [mediaType]: {} } : mapContent({ 'application/json': body }, refer)
  return { description, content }
}

/** By status; the sentences of those that share one stand behind each other. */
function describeErrors(
  errors: readonly DeclaredError[],
  refer: (schema: z.ZodType) => Json,
): Record<number, Json> {
  const sentences = new Map<number, string>()
  for (const { status, en } of errors)
    sentences.set(status, [sentences.get(status) ?? '', en].join(' ').trim())
  const content = mapContent({ 'application/json': errorBody }, refer)
  return Object.fromEntries(
    [...sentences].map(([status, description]) => [status, { description, content }]),
  )
}

function describeAccess(access: Route['access']): Json {
  if (access === 'public') return {}
  if (access === 'capability') return { description: 'The uuid in the path is the capability.' }
  if (access === 'scoped') return { description: 'Any scope: each shows what is its own.' }
  if (access === 'account') return { description: 'Any account that is signed in.' }
  if (access === 'admin') return { description: 'Administrators alone.', 'x-role': 'admin' }
  const who =
    access === 'operator'
      ? 'It asks for a credential everywhere, also on loopback.'
      : 'Without a credential: on loopback while API_KEYS is not set, and where ALLOW_ANONYMOUS names it.'
  return { description: `Scope: ${access}. ${who}`, 'x-scope': access }
}

function describeParameters(
  schema: z.ZodObject | undefined,
  place: 'path' | 'query' | 'header',
  refer: (schema: z.ZodType) => Json,
): Json[] {
  return Object.entries(schema?.shape ?? {}).map(([name, value]) => ({
    name,
    in: place,
    required: place === 'path',
    schema: refer(value as z.ZodType),
  }))
}

function mapContent(
  content: Readonly<Record<string, z.ZodType>>,
  refer: (schema: z.ZodType) => Json,
): Json {
  return Object.fromEntries(
    Object.entries(content).map(([mediaType, schema]) => [mediaType, { schema: refer(schema) }]),
  )
}

/** A schema that has an id becomes a reference; zod puts what has one into `$defs`, OpenAPI elsewhere. */
function toJsonSchema(schema: z.ZodType): { definitions: Record<string, Json>; described: Json } {
  const json = JSON.stringify(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }))
  const moved = JSON.parse(json.replaceAll('"#/$defs/', '"#/components/schemas/')) as Json
  const { $defs = {}, ...described } = moved
  delete described['$schema']
  return { definitions: $defs as Record<string, Json>, described }
}
