import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packageRoot } from '../config/package.js'

/** Ends by itself, for where nobody tells it to. */
const program = `
process.on('SIGTERM', () => { console.log('stopped'); process.exit(0) })
setTimeout(() => process.exit(1), 15_000)
console.log('up')
`

describe('npm start', function () {
  this.timeout(30_000)

  it('passes SIGTERM on to what it started, with no shell in between', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'triagem-signal-'))
    try {
      await copyFile(join(packageRoot, 'package.json'), join(folder, 'package.json'))
      await writeFile(join(folder, 'start.mjs'), program)
      const npm = spawn('npm', ['start'], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] })
      let said = ''
      npm.stdout.setEncoding('utf8').on('data', (text: string) => {
        if (!said.includes('up\n') && (said + text).includes('up\n')) npm.kill('SIGTERM')
        said += text
      })
      await once(npm, 'close', { signal: AbortSignal.timeout(20_000) })
      assert.match(said, /^stopped$/m)
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})
