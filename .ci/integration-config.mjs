// Prints .mocharc.json turned round: the integration tests, which it leaves out, and nothing else. Its `ignore` would
// win over files named on mocha's command line, and its `spec` would be added to them.
import { readFileSync } from 'node:fs'

const { ignore: _ignore, ...config } = JSON.parse(readFileSync('.mocharc.json', 'utf8'))
console.log(JSON.stringify({ ...config, spec: 'dist/test/integration/**/*.test.js' }))
