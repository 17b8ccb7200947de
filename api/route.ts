import type { Context } from 'koa'
import type { z } from 'zod'
import type { Scope } from '../config.js'
import type { ErrorCode } from './sentences.js'

/** Who may call a route: everybody, who knows the uuid in its path, or who has a scope. */
export type Access = 'public' | 'capability' | Scope

/** One route: its schema is what is validated and what OpenAPI says. */
export interface Route {
  readonly method: 'get' | 'post' | 'put' | 'delete'
  /** @koa/router's syntax: `/job/:job_id`. Answers with and without a final slash. */
  readonly path: string
  readonly summary: string
  readonly tag: string
  readonly access: Access
  /** Media type -> schema of the body. */
  readonly request?: Readonly<Record<string, z.ZodType>>
  readonly params?: z.ZodObject
  readonly headers?: z.ZodObject
  readonly success: {
    readonly description: string
    readonly body?: z.ZodType
    readonly mediaType?: string
    /** Those that carry this body; 200 alone unless told. */
    readonly statuses?: readonly number[]
  }
  /** The errors that a caller should expect, by status. */
  readonly errors: Readonly<Record<number, ErrorCode>>
  readonly handle: (ctx: Context) => Promise<void> | void
}
