import { connect, createServer } from 'node:net'

/** The setting that a user can change when a port is taken. */
export type PortSetting = 'PORT' | 'TEMPORAL_PORT' | 'TEMPORAL_UI_PORT'

/** Something that isn't ours holds the port; the message is one line that says what to do. */
export class PortInUseError extends Error {
  constructor(
    readonly port: number,
    readonly setting: PortSetting,
  ) {
    super(
      `Port ${port} on ${loopback} is in use by another program: ` +
        `stop that one, or set ${setting} to a free port.`,
    )
    this.name = 'PortInUseError'
  }
}

/** The embedded server is for this machine alone. */
export const loopback = '127.0.0.1'

/** Throws PortInUseError when something listens on the loopback port. */
export async function assertPortFree(port: number, setting: PortSetting): Promise<void> {
  // Both ways: macOS lets us listen beside a program that holds the port on all addresses.
  if ((await answers(port)) || !(await canListen(port))) throw new PortInUseError(port, setting)
}

/** Whether something accepts connections on the loopback port. */
export function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: loopback, port, timeout: 1_000 })
    const end = (answered: boolean): void => {
      socket.destroy()
      resolve(answered)
    }
    socket.once('connect', () => end(true))
    socket.once('error', () => end(false))
    socket.once('timeout', () => end(false))
  })
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(false)
      else reject(error)
    })
    server.listen({ host: loopback, port }, () => server.close(() => resolve(true)))
  })
}
