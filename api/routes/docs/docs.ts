import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import type { Route } from '../../http/route.js'
import { commonErrors } from '../../http/common-errors.js'

const assetsFolder = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'))
/** A map, for a name that every object has is none of ours. */
const assets: ReadonlyMap<string, string> = new Map([
  ['swagger-ui.css', 'text/css'],
  ['swagger-ui-bundle.js', 'text/javascript'],
  ['favicon-32x32.png', 'image/png'],
])

const page = `<!doctype html>
<html lang="pt-BR">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Triagem: API</title>
<link rel="stylesheet" href="/docs/swagger-ui.css">
<link rel="icon" href="/docs/favicon-32x32.png">
</head>
<body>
<div id="docs"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`
const startScript = `SwaggerUIBundle({ url: '/openapi.json', dom_id: '#docs', deepLinking: true })\n`

const rootSchema = z
  .object({
    message: z.string(),
    version: z.string(),
    status: z.string(),
    docs: z.string(),
    endpoints: z.record(z.string(), z.string()),
  })
  .meta({ id: 'Root' })

/** The front door, the description, and Swagger UI from the package: nothing comes from elsewhere. */
export function createDocsRoutes(input: {
  readonly version: string
  readonly describe: () => Record<string, unknown>
  readonly routes: () => readonly Route[]
}): Route[] {
  const html = { description: 'Swagger UI', mediaType: 'text/html' }
  const base = { method: 'get', tag: 'Documentation', access: 'public', errors: [] } as const
  const asPage = (path: string): Route => ({
    ...base,
    path,
    summary: 'The documentation as a page',
    success: html,
    handle: (ctx) => {
      ctx.type = 'text/html'
      ctx.body = page
    },
  })
  const asJson = (path: string): Route => ({
    ...base,
    path,
    summary: 'The OpenAPI 3.1 description',
    success: { description: 'OpenAPI 3.1', mediaType: 'application/json' },
    handle: (ctx) => {
      ctx.body = input.describe()
    },
  })
  return [
    {
      ...base,
      path: '/',
      summary: 'What this server is; browsers get the documentation',
      success: { description: 'The front door', body: rootSchema },
      handle: (ctx) => {
        ctx.vary('Accept')
        if (ctx.accepts('json', 'html') === 'html') {
          ctx.type = 'text/html'
          ctx.body = page
          return
        }
        ctx.body = {
          message: 'Triagem',
          version: input.version,
          status: 'running',
          docs: '/docs',
          endpoints: Object.fromEntries(
            input
              .routes()
              .map((route) => [`${route.method.toUpperCase()} ${route.path}`, route.summary]),
          ),
        } satisfies z.infer<typeof rootSchema>
      },
    },
    ...['/docs', '/openapi/swagger', '/openapi/redoc'].map(asPage),
    ...['/openapi.json', '/openapi/openapi.json'].map(asJson),
    {
      ...base,
      path: '/docs/:asset',
      summary: 'A file of the documentation page',
      params: z.object({ asset: z.string() }),
      success: { description: 'The file', mediaType: 'text/javascript' },
      errors: [commonErrors.not_found],
      handle: async (ctx) => {
        const { asset = '' } = (ctx as typeof ctx & { params: Record<string, string> }).params
        const mediaType = asset === 'start.js' ? 'text/javascript' : assets.get(asset)
        if (mediaType === undefined) return
        ctx.type = mediaType
        ctx.set('Cache-Control', 'public, max-age=3600')
        ctx.body = asset === 'start.js' ? startScript : await readFile(join(assetsFolder, asset))
      },
    },
  ]
}
