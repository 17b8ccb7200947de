// CommonJS, because the SDK loads this file by require() and Node 20 warns about a required ES module.
// eslint-disable-next-line @typescript-eslint/no-require-imports -- the only import that CommonJS has here
import common = require('@temporalio/common')

/** Moves messages and stack traces of failures into a payload, so that the codec seals them too. */
const failureConverter = new common.DefaultFailureConverter({ encodeCommonAttributes: true })

export = { failureConverter }
