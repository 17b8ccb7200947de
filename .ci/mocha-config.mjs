// Prints .mocharc.json with other files: those below the folders of dist/test named as arguments. Its `ignore` would
// win over files named on mocha's command line, and its `spec` would be added to them.
import { readFileSync } from 'node:fs'

const { ignore: _ignore, ...config } = JSON.parse(readFileSync('.mocharc.json', 'utf8'))
const spec = process.argv.slice(2).map((folder) => `dist/test/${folder}/**/*.test.js`)
console.log(JSON.stringify({ ...config, spec }))
