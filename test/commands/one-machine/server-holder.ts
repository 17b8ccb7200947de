// Run by temporal-server.test.ts: starts a server, says its pid, and runs until it is killed.
import { startTemporalServer } from '../../../commands/one-machine/temporal-server.js'

const [binary = '', dataDir = '', port, uiPort] = process.argv.slice(2)
const server = await startTemporalServer({
  binary,
  dataDir,
  port: Number(port),
  uiPort: Number(uiPort),
  namespace: 'triagem',
  log: (line) => console.error(line),
})
console.log(server.pid)
process.stdin.resume()
