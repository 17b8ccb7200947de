import { Writable } from 'node:stream'
import type { File, Part } from 'formidable'
import type { Context, Middleware } from 'koa'
import { koaBody } from 'koa-body'
import type { z } from 'zod'
import { limitRequest, maxContentBytes } from './bytes-body.js'
import { commonErrors, type DeclaredError } from './common-errors.js'
import { ApiError, type FieldProblem } from './errors.js'
import { parseJson } from './parse-json.js'
import { readPlainJson } from './plain-json.js'

/** JSON escapes make a text longer than it is; what is decoded is measured again. */
const maxEncodedBytes = 8 * 1024 * 1024

/** What is read as JSON, in UTF-8 whatever it says of its charset. */
const jsonTypes = [
  'application/json',
  'application/json-patch+json',
  'application/vnd.api+json',
  'application/csp-report',
  'application/reports+json',
]

/** One uploaded file, in memory: nothing of it touches the disk unsealed. */
export interface UploadedFile {
  readonly name: string
  readonly mediaType: string
  readonly bytes: Buffer
}

export interface ReceivedBody {
  readonly fields: Readonly<Record<string, unknown>>
  readonly files: Readonly<Record<string, readonly UploadedFile[]>>
}

/**
 * Reads a JSON, form or multipart body within limits.
 *
 * @param maxBytes of the body as it is sent; that of an upload unless told
 * @param maxJsonItems see parseJson()
 */
export function createBodyReader(maxBytes = maxEncodedBytes, maxJsonItems?: number): Middleware {
  const tooLarge =
    maxBytes === maxEncodedBytes ? commonErrors.too_large : commonErrors.body_too_large
  const uploads = new WeakMap<object, Buffer[]>()
  const read = koaBody({
    // JSON that is compressed or of unknown length comes as a text: it is looked at before it is parsed.
    json: false,
    text: true,
    textTypes: jsonTypes,
    textLimit: maxBytes,
    urlencoded: true,
    multipart: true,
    formLimit: maxBytes,
    formidable: {
      maxFileSize: maxContentBytes,
      maxTotalFileSize: maxContentBytes,
      maxFieldsSize: maxContentBytes,
      maxFields: 50,
      maxFiles: 10,
      allowEmptyFiles: true,
      minFileSize: 0,
      fileWriteStreamHandler: (file?: object) => {
        const chunks: Buffer[] = []
        if (file !== undefined) uploads.set(file, chunks)
        return collect(chunks)
      },
      onPart: (part, take) => {
        completePart(part)
        take(part)
      },
    },
    onError: (error) => {
      throw toApiError(error, tooLarge)
    },
  })
  const readPlain = async (ctx: Context): Promise<ReceivedBody | undefined> => {
    try {
      const plain = await readPlainJson(ctx, maxBytes, maxJsonItems)
      return plain && toFields(plain.json)
    } catch (error) {
      throw toApiError(error as Error, tooLarge)
    }
  }
  const readOther = async (ctx: Context): Promise<ReceivedBody> => {
    const parsed = () => Promise.resolve()
    await read(ctx.is('multipart') ? limitRequest(ctx, maxBytes) : ctx, parsed)
    try {
      return toReceivedBody(ctx, uploads, maxJsonItems)
    } catch (error) {
      throw toApiError(error as Error, tooLarge)
    }
  }
  return async (ctx, next) => {
    // A client that went away while we asked elsewhere: the parser would wait for it for ever.
    if (ctx.req.destroyed) throw new ApiError(commonErrors.upload_interrupted)
    ctx.state['received'] = (await readPlain(ctx)) ?? (await readOther(ctx))
    await next()
  }
}

export const getReceivedBody = (ctx: Context): ReceivedBody => ctx.state['received'] as ReceivedBody

/**
 * @param place where the fields were sent
 * @throws ApiError 422 with a problem for each field that doesn't fit
 */
export function parseFields<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  place: 'body' | 'query' = 'body',
): z.infer<Schema> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.map((issue): FieldProblem => ({
    loc: [place, ...issue.path.map((part) => (typeof part === 'number' ? part : String(part)))],
    msg: issue.message,
    type: issue.code,
  }))
  throw new ApiError(commonErrors.invalid_body, { problems })
}

/**
 * What a part's head leaves out or says twice. A file without a media type is still a file; and the
 * transfer encoding is undone by now, while formidable would take it for the charset of a field.
 */
function completePart(part: Part): void {
  if (part.originalFilename !== null) part.mimetype ??= 'application/octet-stream'
  Object.assign(part, { transferEncoding: 'utf-8' })
}

function collect(chunks: Buffer[]): Writable {
  return new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      chunks.push(chunk)
      done()
    },
  })
}

function toReceivedBody(
  ctx: Context,
  uploads: WeakMap<object, Buffer[]>,
  maxJsonItems?: number,
): ReceivedBody {
  const { body, files } = ctx.request as { body?: unknown; files?: Record<string, File | File[]> }
  if (typeof body === 'string' && body !== '')
    return toFields(parseJson(Buffer.from(body), maxJsonItems))
  const received = Object.entries(files ?? {}).map(([name, value]) => [
    name,
    [value].flat().map((file) => ({
      name: file.originalFilename ?? '',
      mediaType: (file.mimetype ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '',
      bytes: Buffer.concat(uploads.get(file) ?? []),
    })),
  ])
  return {
    fields: isRecord(body) ? body : {},
    files: Object.fromEntries(received) as Record<string, UploadedFile[]>,
  }
}

/** @throws ApiError 422 for JSON that is no object */
function toFields(json: unknown): ReceivedBody {
  if (isRecord(json)) return { fields: json, files: {} }
  throw new ApiError(commonErrors.invalid_body, {
    problems: [{ loc: ['body'], msg: 'an object was expected', type: 'invalid_type' }],
  })
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** What the parsers throw, by the status that they give it. */
function toApiError(error: Error, tooLarge: DeclaredError): ApiError {
  if (error instanceof ApiError) return error
  const status = 'httpCode' in error ? error.httpCode : 'status' in error ? error.status : undefined
  if (status === 413) return new ApiError(tooLarge)
  if (status === 415) return new ApiError(commonErrors.unsupported_media_type)
  if (error instanceof SyntaxError)
    return new ApiError(commonErrors.invalid_json, {
      problems: [{ loc: ['body'], msg: 'not valid JSON', type: 'json_invalid' }],
    })
  if (/abort/i.test(error.message)) return new ApiError(commonErrors.upload_interrupted)
  return new ApiError(commonErrors.bad_request)
}
