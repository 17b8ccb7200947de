import type {
  ActivityInboundCallsInterceptor,
  ActivityInterceptorsFactory,
} from '@temporalio/worker'

/** As workflows of version 0.1 named the run that a step is for. */
interface EarlierInput {
  readonly jobId: string
}

/** Steps that a worker of version 0.1 has scheduled and not ended are taken over under today's name of their run. */
export const readEarlierInput: ActivityInterceptorsFactory = () => {
  const inbound: ActivityInboundCallsInterceptor = {
    execute: (input, next) => {
      const [first, ...rest] = input.args
      return next(
        isEarlier(first) ? { ...input, args: [{ ...first, runId: first.jobId }, ...rest] } : input,
      )
    },
  }
  return { inbound }
}

const isEarlier = (input: unknown): input is EarlierInput =>
  typeof input === 'object' && input !== null && 'jobId' in input && !('runId' in input)
