import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'

/**
 * A port of loopback that nobody uses now.
 *
 * @param wanted this one, which rejects where it is in use; any, where none is given
 */
export async function freePort(wanted = 0): Promise<number> {
  const server = createServer().listen(wanted, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
