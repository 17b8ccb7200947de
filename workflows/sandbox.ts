/*
 * Evaluated once in each sandbox, before any workflow. The SDK keeps a stack trace of every promise that a
 * workflow makes, for its query `__stack_trace`: a sixth of a run's processor time. Where a run stands is in
 * its current details; what fails in an activity keeps its trace, as activities run elsewhere.
 */
Error.stackTraceLimit = 0
