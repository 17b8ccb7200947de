import { isUtf8 } from 'node:buffer'
import type { Context } from 'koa'
import type { Logger } from 'pino'
import { z } from 'zod'
import type { RunService } from '../../../services/runs/run-service.js'
import { looksLikePdf } from '../../../services/extraction/looks-like-pdf.js'
import { decodeText } from '../../../services/extraction/decode-text.js'
import { ExtractionError } from '../../../services/extraction/extraction-errors.js'
import type { Db } from '../../../db/database.js'
import type { IdempotencyKey } from '../../../db/idempotency.js'
import { classificationKind, insertClassification } from '../../../db/classifications.js'
import { classificationPlace } from '../../../db/seal-places.js'
import { findRun } from '../../../db/runs.js'
import { findEmailResult } from '../../../services/email-classification/classification-runs.js'
import type { KeyedHash, KeyRing } from '../../../db/key-ring.js'
import type { TextSource } from '../../../db/schema/email-classification.js'
import { getCaller } from '../../access/auth.js'
import {
  getReceivedBody,
  parseFields,
  type ReceivedBody,
  type UploadedFile,
} from '../../http/body.js'
import { ApiError } from '../../http/errors.js'
import { idempotencyHeaders, readIdempotencyHeader } from '../../http/idempotency-header.js'
import { jobStateSchema, renderJobRow } from './job-state.js'
import { createPollingLimit } from '../../http/rate-limits.js'
import { readerLanguage } from '../../http/reader-language.js'
import type { Route } from '../../http/route.js'
import { runErrors } from '../runs/errors.js'
import { classificationErrors } from './errors.js'
import { maxContentBytes } from '../../http/bytes-body.js'
import { commonErrors } from '../../http/common-errors.js'

export interface ClassificationRoutesInput {
  readonly db: Db
  readonly keys: KeyRing
  readonly hash: KeyedHash
  readonly runs: RunService
  readonly log: Logger
}

const textSchema = z
  .string()
  .refine((text) => !text.includes('\0'), 'must not contain NUL characters')
  .refine((text) => text.isWellFormed(), 'must not contain lone surrogates')
  .describe('the mail as text, with or without a "Subject:" line')
const jsonBody = z.object({ text: textSchema }).meta({ id: 'ClassifyText' })
const formBody = z
  .object({
    text: textSchema.optional(),
    file: z
      .file()
      .optional()
      .describe('text/plain in any common charset, or application/pdf; 5 MB'),
  })
  .meta({ id: 'ClassifyForm' })
const fieldsSchema = z.object({ text: textSchema.nullish() })
const accepted = z
  .object({ job_id: z.uuid(), status: z.literal('pending'), message: z.string() })
  .meta({ id: 'JobCreated' })
const jobParams = z.object({ job_id: z.uuid() })

/** Section 1 of the contract: a mail goes in, its job can be watched, read and removed. */
export function createClassificationRoutes(input: ClassificationRoutesInput): Route[] {
  const { db, keys, runs, hash, log } = input
  const polling = createPollingLimit((jobId) =>
    log.warn({ job: hash('job', jobId).slice(0, 12) }, 'A job was polled again within 500 ms.'),
  )
  return [
    {
      method: 'post',
      path: '/classify-email',
      takesRoom: true,
      summary: 'Classify one e-mail and draft its answer',
      tag: 'E-mail classification',
      access: 'classify',
      request: {
        'application/json': jsonBody,
        'multipart/form-data': formBody,
        'application/x-www-form-urlencoded': z.object({ text: textSchema }),
      },
      headers: idempotencyHeaders,
      success: { description: 'The job was created', body: accepted },
      errors: [
        classificationErrors.nothing_to_classify,
        classificationErrors.empty_file,
        commonErrors.too_large,
        commonErrors.unsupported_media_type,
        commonErrors.invalid_body,
        commonErrors.unavailable,
        runErrors.overloaded,
      ],
      handle: async (ctx) => {
        const content = readContent(ctx)
        const caller = hash('file-turns', callerOrAddress(ctx)).slice(0, 32)
        const idempotencyKey = readIdempotencyKey(ctx, content, hash)
        const jobId = await runs.submit({
          kind: classificationKind,
          idempotencyKey,
          store: (trx, id) =>
            insertClassification(trx, {
              id,
              source: content.source,
              caller,
              content: keys.seal(content.content, classificationPlace('content', id)),
            }),
        })
        ctx.body = { job_id: jobId, status: 'pending', message: 'Job created successfully' }
      },
    },
    {
      method: 'get',
      path: '/job-status/:job_id',
      summary: 'The state of a job; not more often than every 500 ms',
      tag: 'E-mail classification',
      access: 'capability',
      params: jobParams,
      success: { description: 'The present state', body: jobStateSchema },
      errors: [classificationErrors.job_not_found, commonErrors.too_many_requests],
      handle: async (ctx) => {
        const jobId = readJobId(ctx)
        await polling.check(jobId, ctx.ip)
        const row = await findRun(db, jobId)
        if (row?.kind !== classificationKind) throw new ApiError(classificationErrors.job_not_found)
        const result =
          row.status === 'completed' ? await findEmailResult({ db, keys }, jobId) : undefined
        ctx.body = renderJobRow(row, result, readerLanguage(ctx.get('Accept-Language')))
      },
    },
    {
      method: 'delete',
      path: '/job/:job_id',
      summary: 'Cancel a job and remove its text and result',
      tag: 'E-mail classification',
      access: 'capability',
      params: jobParams,
      success: { description: 'Removed', body: z.object({ message: z.string() }) },
      errors: [classificationErrors.job_not_found],
      handle: async (ctx) => {
        const jobId = readJobId(ctx)
        const run = await findRun(db, jobId)
        if (run?.kind !== classificationKind || !(await runs.remove(jobId)))
          throw new ApiError(classificationErrors.job_not_found)
        const english = readerLanguage(ctx.get('Accept-Language')) === 'en'
        ctx.body = { message: english ? 'Job removed.' : 'Trabalho removido.' }
      },
    },
  ]
}

interface Content {
  readonly source: TextSource
  readonly content: Uint8Array
}

/** A job id that is no uuid names no job. */
function readJobId(ctx: Context): string {
  const { params } = ctx as Context & { params: Record<string, string> }
  const parsed = jobParams.safeParse(params)
  if (!parsed.success) throw new ApiError(classificationErrors.job_not_found)
  return parsed.data.job_id.toLowerCase()
}

/** Whose files wait for each other: without a key or a sign-in only the address tells callers apart. */
function callerOrAddress(ctx: Context): string {
  const { id } = getCaller(ctx)
  return id === 'open' ? ctx.ip : id
}

function readContent(ctx: Context): Content {
  if (ctx.request.length !== 0 && ctx.is('json', 'multipart', 'urlencoded') === false)
    throw new ApiError(commonErrors.unsupported_media_type)
  const received = getReceivedBody(ctx)
  const text = readText(received)
  const file = readFile(received)
  if (file === undefined) return fromText(text)
  if (text.trim() !== '') throw oneOnly(['body', 'text'])
  return fromFile(file)
}

function readText({ fields, files }: ReceivedBody): string {
  // A part with a media type of its own arrives as a file, whatever its name.
  const parts = files['text'] ?? []
  const [part] = parts
  if (parts.length > 1 || (part !== undefined && fields['text'] !== undefined))
    throw oneOnly(['body', 'text'])
  const value = part === undefined ? fields['text'] : readPart(part)
  return parseFields(fieldsSchema, { text: value }).text ?? ''
}

/** In UTF-8 as fields are, or in the charset that its bytes speak for. */
function readPart({ bytes }: UploadedFile): string {
  return isUtf8(bytes) ? bytes.toString('utf8') : readAsText(bytes)
}

function readFile({ files }: ReceivedBody): UploadedFile | undefined {
  const sent = Object.entries(files).flatMap(([name, list]) => (name === 'text' ? [] : list))
  if (sent.length > 1) throw oneOnly(['body', 'file'])
  const [file] = sent
  // A form's file input that was left empty.
  return file === undefined || (file.bytes.length === 0 && file.name === '') ? undefined : file
}

const oneOnly = (loc: readonly string[]) =>
  new ApiError(commonErrors.invalid_body, {
    problems: [{ loc, msg: 'send one text or one file', type: 'too_many' }],
  })

function fromText(text: string): Content {
  if (text.trim() === '') throw new ApiError(classificationErrors.nothing_to_classify)
  const content = Buffer.from(text)
  if (content.length > maxContentBytes) throw new ApiError(commonErrors.too_large)
  return { source: 'text', content }
}

const pdfTypes = new Set(['application/pdf', 'application/x-pdf'])
/** What browsers and scripts say of a .txt, or when they don't know. */
const textTypes = new Set(['text/plain', 'application/octet-stream', ''])

function fromFile({ name, mediaType, bytes }: UploadedFile): Content {
  if (bytes.length === 0) throw new ApiError(classificationErrors.empty_file)
  if (pdfTypes.has(mediaType) || (/\.pdf$/i.test(name) && textTypes.has(mediaType))) {
    if (!looksLikePdf(bytes)) throw new ApiError(classificationErrors.pdf_not_pdf)
    return { source: 'pdf', content: bytes }
  }
  if (!textTypes.has(mediaType)) throw new ApiError(commonErrors.unsupported_media_type)
  if (looksLikePdf(bytes)) return { source: 'pdf', content: bytes }
  if (readAsText(bytes).trim() === '') throw new ApiError(classificationErrors.nothing_to_classify)
  return { source: 'txt', content: bytes }
}

function readAsText(bytes: Uint8Array): string {
  try {
    return decodeText(bytes)
  } catch (error) {
    if (error instanceof ExtractionError) throw new ApiError(classificationErrors.not_text)
    throw error
  }
}

function readIdempotencyKey(
  ctx: Context,
  { source, content }: Content,
  hash: KeyedHash,
): IdempotencyKey | undefined {
  const key = readIdempotencyHeader(ctx)
  if (key === undefined) return undefined
  return {
    scope: `classify-email ${getCaller(ctx).id}`,
    keyHash: hash('idempotency-key', key),
    bodyHash: hash('classify-email', source, content),
  }
}
