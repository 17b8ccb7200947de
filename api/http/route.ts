import type { Context } from 'koa'
import type { z } from 'zod'
import type { Scope } from '../../config/access.js'
import type { DeclaredError } from './common-errors.js'

/**
 * Who may call a route: everybody, who knows the uuid in its path, who has any scope (the route shows what each
 * may see), any signed-in account, an administrator, or who has a scope. `account` and `admin` are never open, not even on loopback.
 */
export type Access = 'public' | 'capability' | 'scoped' | 'account' | 'admin' | Scope

/** One route: its schema is what is validated and what OpenAPI says. */
export interface Route {
  readonly method: 'get' | 'post' | 'put' | 'delete'
  /** @koa/router's syntax: `/job/:job_id`. Answers with and without a final slash. */
  readonly path: string
  /** Answers as it is written alone. The path without its final slash is another route's, or answers this. */
  readonly exactSlash?: DeclaredError
  readonly summary: string
  readonly tag: string
  readonly access: Access
  /** For `account` alone: the route's own statement checks the caller's account (see require-access.ts). */
  readonly checksAccount?: true
  /** Media type -> schema of the body; `bytesRequest` for one that is a file as it is. */
  readonly request?: Readonly<Record<string, z.ZodType>>
  /** The body may be left out. */
  readonly bodyOptional?: true
  /** Bytes of the body as it is sent; that of an upload unless told. */
  readonly maxBodyBytes?: number
  /** Objects and lists of a JSON body, and what is in them; 100,000 unless told. */
  readonly maxJsonItems?: number
  /** How `detail` says what is wrong with a body: a list of fields unless told. */
  readonly problemsAs?: 'sentence'
  readonly params?: z.ZodObject
  readonly query?: z.ZodObject
  readonly headers?: z.ZodObject
  readonly success: {
    readonly description: string
    readonly body?: z.ZodType
    readonly mediaType?: string
    /** Those that carry this body; 200 alone unless told. */
    readonly statuses?: readonly number[]
  }
  /** What it adds stays on the disk: refused while there is little room. */
  readonly takesRoom?: true
  /** The errors that a caller should expect, beside those of every route. */
  readonly errors: readonly DeclaredError[]
  readonly handle: (ctx: Context) => Promise<void> | void
}
