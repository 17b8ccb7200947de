// Prints .mocharc.json with other files: those below the folders of dist/test named as arguments. Its `ignore` would
// win over files named on mocha's command line, and its `spec` would be added to them.
// A failed test is tried a second time only where every test is an integration test: they run many processes, and a
// busy machine may stop one of them for seconds. test/support/root-hooks.ts names each test that needed it.
import { existsSync, readFileSync } from 'node:fs'

const folders = process.argv.slice(2)
const absent = folders.filter((folder) => !existsSync(`dist/test/${folder}`))
if (absent.length > 0)
  throw new Error(`There are no tests below dist/test in ${absent.join(', ')}.`)
const { ignore: _ignore, ...config } = JSON.parse(readFileSync('.mocharc.json', 'utf8'))
const spec = folders.map((folder) => `dist/test/${folder}/**/*.test.js`)
const retries = folders.every((folder) => folder === 'integration') ? 1 : 0
console.log(JSON.stringify({ ...config, spec, retries }))
