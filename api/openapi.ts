import { z } from 'zod'
import type { Route } from './route.js'
import { type ErrorCode, errorSentences } from './sentences.js'

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
    const id = schema.meta()?.id
    if (id === undefined) return toJsonSchema(schema)
    schemas.set(id, toJsonSchema(schema))
    return { $ref: `#/components/schemas/${id}` }
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
        'Progress streams over WebSocket at `/ws/job-status/{job_id}`: the present state at once, then each change; `{"type":"cancel"}` ends the job.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    paths,
    components: {
      schemas: Object.fromEntries(schemas),
      securitySchemes: {
        apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
        bearer: { type: 'http', scheme: 'bearer' },
      },
    },
  }
}

function describeRoute(route: Route, refer: (schema: z.ZodType) => Json): Json {
  const { success, request, errors, access } = route
  return {
    summary: route.summary,
    tags: [route.tag],
    operationId: `${route.method}${route.path.replaceAll(/[^a-z]+(\w)/gi, (_, letter: string) => letter.toUpperCase())}`,
    security:
      access === 'public' || access === 'capability' ? [] : [{ apiKey: [] }, { bearer: [] }],
    ...describeAccess(access),
    parameters: [
      ...describeParameters(route.params, 'path'),
      ...describeParameters(route.headers, 'header'),
    ],
    ...(request === undefined
      ? {}
      : { requestBody: { required: true, content: mapContent(request, refer) } }),
    responses: {
      200: {
        description: success.description,
        ...(success.body === undefined
          ? { content: { [success.mediaType ?? 'text/plain']: {} } }
          : { content: mapContent({ 'application/json': success.body }, refer) }),
      },
      ...Object.fromEntries(
        Object.entries(errors).map(([status, code]) => [status, describeError(code, refer)]),
      ),
    },
  }
}

function describeError(code: ErrorCode, refer: (schema: z.ZodType) => Json): Json {
  return {
    description: errorSentences[code].en,
    content: mapContent({ 'application/json': errorBody }, refer),
  }
}

function describeAccess(access: Route['access']): Json {
  if (access === 'public') return {}
  if (access === 'capability') return { description: 'The uuid in the path is the capability.' }
  return { description: `Scope: ${access}.`, 'x-scope': access }
}

function describeParameters(schema: z.ZodObject | undefined, place: 'path' | 'header'): Json[] {
  return Object.entries(schema?.shape ?? {}).map(([name, value]) => ({
    name,
    in: place,
    required: place === 'path',
    schema: toJsonSchema(value as z.ZodType),
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

function toJsonSchema(schema: z.ZodType): Json {
  const described: Json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  delete described['$schema']
  return described
}
