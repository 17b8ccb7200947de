import { createServer } from 'node:net'

/** A TCP port of the loopback that nobody listens on now. */
export function freePort() {
  return new Promise((done, failed) => {
    const server = createServer().on('error', failed)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => done(port))
    })
  })
}
