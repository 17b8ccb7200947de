import type { Context } from 'koa'
import { z } from 'zod'
import type {
  InternalMailService,
  OutgoingMessage,
  StoredMessage,
} from '../../../services/internal-mail/internal-mail-service.js'
import type { IdempotencyKey } from '../../../db/idempotency.js'
import type { KeyedHash } from '../../../db/key-ring.js'
import { accountCallerId, getAccount } from '../../access/auth.js'
import { getClaims } from '../../access/require-access.js'
import { getReceivedBody, parseFields } from '../../http/body.js'
import { ApiError } from '../../http/errors.js'
import { idempotencyHeaders, readIdempotencyHeader } from '../../http/idempotency-header.js'
import { readId } from '../../http/read-id.js'
import { readerLanguage } from '../../http/reader-language.js'
import type { Route } from '../../http/route.js'
import { commonErrors } from '../../http/common-errors.js'
import { runErrors } from '../runs/errors.js'
import { internalMailErrors } from './errors.js'
import { unreadableMessage } from './sentences.js'

const maxInt4 = 2_147_483_647
const maxTitleCharacters = 255
const maxBodyCharacters = 100_000
/** As many characters, each written as a JSON escape. */
const maxBodyBytes = 640 * 1024

/** A person counts an emoji as one. */
const atMost = (characters: number) => (text: string) =>
  text.length <= characters ||
  (text.length <= 2 * characters && Array.from(text).length <= characters)

const newMessage = z
  .object({
    recipient_id: z
      .union([z.int().positive(), z.string().regex(/^\d+$/)])
      .describe('id of an account, as a number or as text'),
    title: z.string().min(1).refine(atMost(maxTitleCharacters)).describe('1 to 255 characters'),
    body: z.string().refine(atMost(maxBodyCharacters)).describe('up to 100,000 characters'),
  })
  .meta({ id: 'NewMessage' })
const message = z
  .object({
    id: z.int(),
    sender_id: z.int(),
    recipient_id: z.int(),
    title: z.string(),
    body: z.string(),
    timestamp: z.iso.datetime().describe('UTC'),
    is_read: z.boolean(),
    sender_username: z.string(),
    recipient_username: z.string(),
  })
  .meta({ id: 'Message' })
const page = z.object({
  limit: z.coerce.number().int().min(1).max(maxInt4).optional(),
  before: z.coerce
    .number()
    .int()
    .min(1)
    .max(maxInt4)
    .optional()
    .describe('only messages with a smaller id'),
})
const marked = z.object({ message: z.literal('Mensagem marcada como lida') })

export interface MessageRoutesInput {
  readonly service: InternalMailService
  readonly hash: KeyedHash
}

/** Section 2 of the contract: accounts write to each other; what arrives is told at `/ws/`. */
export function createMessageRoutes(input: MessageRoutesInput): Route[] {
  const { service } = input
  const common = { tag: 'Internal mail', access: 'account', problemsAs: 'sentence' } as const
  const mailbox = {
    ...common,
    method: 'get',
    query: page,
    success: {
      description: 'The messages, newest first; at most 16 MB of them, the rest by `before`',
      body: z.array(message),
    },
    errors: [commonErrors.invalid_field],
  } as const
  return [
    {
      ...common,
      method: 'post',
      path: '/messages/',
      takesRoom: true,
      checksAccount: true,
      summary: 'Write to another account; by one Idempotency-Key once within a day',
      request: { 'application/json': newMessage },
      headers: idempotencyHeaders,
      maxBodyBytes,
      success: { description: 'The message as it was sent', body: message },
      errors: [
        commonErrors.invalid_idempotency_key,
        internalMailErrors.recipient_not_found,
        commonErrors.body_too_large,
        internalMailErrors.message_to_self,
        runErrors.idempotency_conflict,
      ],
      handle: (ctx) => sendMessage(ctx, input),
    },
    {
      ...mailbox,
      path: '/messages/inbox/',
      summary: 'What the caller was sent',
      handle: async (ctx) => {
        ctx.body = render(ctx, await service.inbox(readPage(ctx)))
      },
    },
    {
      ...mailbox,
      path: '/messages/outbox/',
      summary: 'What the caller has sent',
      handle: async (ctx) => {
        ctx.body = render(ctx, await service.outbox(readPage(ctx)))
      },
    },
    {
      ...common,
      method: 'put',
      path: '/messages/:id/read',
      summary: 'Mark a message as read; again changes nothing',
      params: z.object({ id: z.int() }),
      success: { description: 'It is read', body: marked },
      errors: [internalMailErrors.message_not_found],
      handle: async (ctx) => {
        const id = readId(ctx, internalMailErrors.message_not_found)
        if (!(await service.markRead(getAccount(ctx).id, id)))
          throw new ApiError(internalMailErrors.message_not_found)
        ctx.body = { message: 'Mensagem marcada como lida' } satisfies z.infer<typeof marked>
      },
    },
  ]
}

async function sendMessage(ctx: Context, { service, hash }: MessageRoutesInput): Promise<void> {
  const fields = parseFields(newMessage, getReceivedBody(ctx).fields)
  const sender = getClaims(ctx)
  const recipientId = Number(fields.recipient_id)
  if (recipientId === sender.accountId) throw new ApiError(internalMailErrors.message_to_self)
  if (recipientId > maxInt4) throw new ApiError(internalMailErrors.recipient_not_found)
  // Half an emoji, as a page leaves that cuts a text: answered as it will be read.
  const title = fields.title.toWellFormed()
  const body = fields.body.toWellFormed()
  const outgoing = { sender, recipientId, title, body }
  const key = readIdempotencyKey(ctx, outgoing, hash)
  const sent = await (key === undefined ? service.send(outgoing) : service.sendOnce(outgoing, key))
  if (sent === 'unknown_sender') throw new ApiError(commonErrors.sign_in_required)
  if (sent === 'unknown_recipient') throw new ApiError(internalMailErrors.recipient_not_found)
  ctx.body = key === undefined ? sent : render(ctx, [sent])[0]
}

/** The sender's own: what others send by the same key is another message. */
function readIdempotencyKey(
  ctx: Context,
  { sender, recipientId, title, body }: OutgoingMessage,
  hash: KeyedHash,
): IdempotencyKey | undefined {
  const key = readIdempotencyHeader(ctx)
  if (key === undefined) return undefined
  return {
    scope: `messages ${accountCallerId(sender.accountId)}`,
    keyHash: hash('idempotency-key', key),
    bodyHash: hash('message', String(recipientId), title, body),
  }
}

function render(ctx: Context, messages: readonly StoredMessage[]): z.infer<typeof message>[] {
  const language = readerLanguage(ctx.get('Accept-Language'))
  const { title, body } = unreadableMessage
  return messages.map((one) => ({ title: title[language], body: body[language], ...one }))
}

const readPage = (ctx: Context) => ({
  accountId: getAccount(ctx).id,
  ...parseFields(page, ctx.query, 'query'),
})
