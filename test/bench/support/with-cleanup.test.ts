import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'

const module = new URL('../../../bench/support/with-cleanup.js', import.meta.url).href

/** Two things are open, one in the other, and the work fails when a signal comes, as one does whose servers end. */
const program = `
import { closeOnSignal, withCleanup } from '${module}'
const close = (name) => async () => console.log('closed ' + name)
await closeOnSignal(() => withCleanup(async (later) => {
  later(close('server'))
  await withCleanup(async (later) => {
    later(async () => { throw new Error('in vain') })
    later(close('client'))
    console.log('open')
    await new Promise((resolve, reject) => {
      setTimeout(resolve, 15_000)
      process.on('SIGINT', reject).on('SIGTERM', reject)
    })
  })
}))
`

describe('A bench', () => {
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)
    it(`closes what it opened, once, and ends with ${code} on ${signal}`, async () => {
      const child = spawn(process.execPath, ['--input-type=module', '--eval', program])
      let said = ''
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        if (!said.includes('open\n') && (said + text).includes('open\n')) child.kill(signal)
        said += text
      })
      await once(child, 'close', { signal: AbortSignal.timeout(20_000) })
      assert.equal(said, 'open\nclosed client\nclosed server\n')
      assert.equal(child.exitCode, code)
    })
})
