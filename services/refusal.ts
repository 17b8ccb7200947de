/**
 * What a service refuses, for a reason that the caller can understand: `code` is the reason. Each service
 * has a closed union of codes; the API's table of errors has a status and a sentence for each of them.
 */
export class Refusal<Code extends string = string> extends Error {
  override readonly name: string = 'Refusal'
  /** When it is worth trying again; undefined where the API's table of errors decides. */
  readonly retryAfterSeconds: number | undefined

  /** @param options.message for logs: it holds no name and no text of a person */
  constructor(
    readonly code: Code,
    options: {
      readonly message?: string
      readonly retryAfterSeconds?: number | undefined
      readonly cause?: unknown
    } = {},
  ) {
    super(options.message ?? `Refused: ${code}.`, { cause: options.cause })
    this.retryAfterSeconds = options.retryAfterSeconds
  }
}

/** Narrows without knowing the service's own codes. */
export const isRefusal = (error: unknown): error is Refusal => error instanceof Refusal
