import type { Session, SocketChannel } from '../../../api/live/socket-channel.js'

/** A socket of a channel without a network: it keeps what it was sent. */
export interface FakeSocket {
  /** Parsed. */
  readonly frames: readonly Record<string, unknown>[]
  /** With which code the server closed it. */
  readonly code: () => number | undefined
  say(text: string): void
  leave(): void
  /** From now on its buffer is full. */
  stopReading(): void
}

export interface FakeSockets {
  publish(topic: string, text: string): void
  /** @param url path and query @param language of the reader @throws where the channel serves no such path */
  open(channel: SocketChannel, url: string, language?: string): FakeSocket
}

interface Opened {
  readonly topics: Set<string>
  send(text: string): boolean
}

/** What the socket server of one gateway does for its channels. */
export function createFakeSockets(): FakeSockets {
  const opened = new Set<Opened>()

  return {
    publish: (topic, text) => {
      for (const socket of opened) if (socket.topics.has(topic)) socket.send(text)
    },
    open: (channel, url, language = 'pt') => {
      const [path = '', query = ''] = url.split('?')
      const route = channel.findRoute({
        path,
        query,
        peerAddress: '127.0.0.1',
        header: (name) => (name === 'accept-language' ? language : undefined),
      })
      if (route === undefined) throw new Error(`No route for ${url}.`)

      const frames: Record<string, unknown>[] = []
      let isReading = true
      let code: number | undefined
      const joined: { session?: Session } = {}
      const leave = () => {
        if (opened.delete(socket)) joined.session?.leave()
      }
      const socket = {
        topics: new Set<string>(),
        subscribe: (topic: string) => void socket.topics.add(topic),
        send: (text: string) => {
          if (!isReading || !opened.has(socket)) return false
          frames.push(JSON.parse(text) as Record<string, unknown>)
          return true
        },
        close: (closeCode: number) => {
          code ??= closeCode
          leave()
        },
      }
      opened.add(socket)
      joined.session = route.connect(socket)
      return {
        frames,
        code: () => code,
        say: (text) => joined.session?.receive(text),
        leave,
        stopReading: () => {
          isReading = false
        },
      }
    },
  }
}
