import type { Context } from 'koa'
import { z } from 'zod'
import { modelCardSchema } from '../../../engine/model/model-card.js'
import type { ModelService, ModelState, Promoted } from '../../../services/models/model-service.js'
import type { AuditLog } from '../../access/audit-log.js'
import { getCaller } from '../../access/auth.js'
import { bytesRequest, bytesType, getReceivedBytes } from '../../http/bytes-body.js'
import { ApiError } from '../../http/errors.js'
import { readId } from '../../http/read-id.js'
import { readerLanguage, type Sentence } from '../../http/reader-language.js'
import type { Route } from '../../http/route.js'
import { commonErrors } from '../../http/common-errors.js'
import { modelErrors } from './errors.js'
import { modelSentences } from './sentences.js'

const modelId = z.int().nullable().describe('null is the default that ships')
const modelSchema = z
  .object({
    id: modelId,
    task: z.string(),
    version: z.string(),
    created_at: z.iso.datetime(),
    is_current: z.boolean(),
    examples: z.int().describe('how many it learned from'),
    labels: z.int().describe('how many it tells apart'),
    quality: modelCardSchema.shape.quality
      .nullable()
      .describe('cross-validated; null where the model is another version’s'),
    problem: z.string().nullable().describe('why it could not be loaded'),
  })
  .meta({ id: 'Model' })
const addedSchema = z
  .object({ id: z.int(), task: z.string(), version: z.string() })
  .meta({ id: 'AddedModel' })
const promotedSchema = z
  .object({
    message: z.string(),
    task: z.string(),
    current: z.object({ id: modelId, version: z.string() }),
  })
  .meta({ id: 'PromotedModel' })

/** A byte for each feature and class: the mail model has 5 MB. PGlite takes 50 ms for each megabyte. */
const maxModelBytes = 128 * 1024 * 1024

/** Which models there are, and which of them judges; for operators. */
export function createModelRoutes(input: {
  readonly models: ModelService
  readonly audit: AuditLog
}): Route[] {
  const { models, audit } = input
  const common = { tag: 'Operation', access: 'operator' } as const
  const change = {
    ...common,
    method: 'post',
    params: z.object({ id: z.int() }),
    success: { description: 'What is current from now on', body: promotedSchema },
  } as const
  return [
    {
      ...common,
      method: 'get',
      path: '/models',
      summary: 'Of each task the model that ships and those that were trained',
      success: { description: 'The models', body: z.array(modelSchema) },
      errors: [],
      handle: async (ctx) => {
        ctx.body = (await models.list()).map(render)
      },
    },
    {
      ...common,
      method: 'post',
      path: '/models',
      takesRoom: true,
      summary: 'Bring a model file; it is kept, not used. The same file twice is one model',
      request: bytesRequest,
      maxBodyBytes: maxModelBytes,
      success: { description: 'The model', body: addedSchema },
      errors: [
        modelErrors.model_version_taken,
        commonErrors.body_too_large,
        commonErrors.bytes_expected,
        modelErrors.model_damaged,
      ],
      handle: async (ctx) => {
        const { id, task, version } = await models.add(getReceivedBytes(ctx))
        await audit.record(ctx, { action: 'model_added', outcome: 'ok', subject: String(id) })
        ctx.body = { id, task, version } satisfies z.infer<typeof addedSchema>
      },
    },
    {
      ...common,
      method: 'get',
      path: '/models/:id/file',
      summary: 'A model as a file',
      params: change.params,
      success: { description: 'The file', mediaType: bytesType },
      errors: [modelErrors.model_not_found],
      handle: async (ctx) => {
        const id = readId(ctx, modelErrors.model_not_found)
        const file = await models.findFile(id)
        if (file === undefined) throw new ApiError(modelErrors.model_not_found)
        ctx.attachment(`${file.task}-${id}.model`)
        ctx.type = bytesType
        ctx.body = file.bytes
      },
    },
    {
      ...change,
      path: '/models/:id/promote',
      summary: 'Make a model the current one of its task, in every process within seconds',
      errors: [modelErrors.model_not_found, modelErrors.model_unusable],
      handle: async (ctx) => {
        const id = readId(ctx, modelErrors.model_not_found)
        const promoted = await models.promote(id, getCaller(ctx).id)
        if (promoted === 'missing') throw new ApiError(modelErrors.model_not_found)
        if (promoted === 'unusable') throw new ApiError(modelErrors.model_unusable)
        await audit.record(ctx, { action: 'model_promoted', outcome: 'ok', subject: String(id) })
        ctx.body = renderPromoted(ctx, promoted, modelSentences.promoted)
      },
    },
    {
      ...change,
      path: '/models/:id/rollback',
      summary: 'Take a model back: what was current before it is so again',
      errors: [modelErrors.model_not_found, modelErrors.model_not_current],
      handle: async (ctx) => {
        const id = readId(ctx, modelErrors.model_not_found)
        const promoted = await models.rollback(id, getCaller(ctx).id)
        if (promoted === 'missing') throw new ApiError(modelErrors.model_not_found)
        if (promoted === 'not_current') throw new ApiError(modelErrors.model_not_current)
        if (promoted === 'nothing_before') throw new ApiError(modelErrors.no_model_before)
        await audit.record(ctx, { action: 'model_rolled_back', outcome: 'ok', subject: String(id) })
        ctx.body = renderPromoted(ctx, promoted, modelSentences.rolledBack)
      },
    },
  ]
}

const render = (model: ModelState): z.infer<typeof modelSchema> => ({
  id: model.id,
  task: model.task,
  version: model.version,
  created_at: model.createdAt,
  is_current: model.isCurrent,
  examples: model.examples,
  labels: model.labels,
  quality: model.quality,
  problem: model.problem,
})

const renderPromoted = (
  ctx: Context,
  { task, current }: Promoted,
  sentence: Sentence,
): z.infer<typeof promotedSchema> => ({
  message: sentence[readerLanguage(ctx.get('Accept-Language'))],
  task,
  current,
})
