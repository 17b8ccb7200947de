import { connect } from 'node:net'
import { text } from 'node:stream/consumers'

/** Sends the lines of a head as they stand, which no client would. @returns the first line of the answer */
export async function sendRaw(port: number, lines: readonly string[]): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  const closes = lines.some((line) => /^connection:/i.test(line)) ? [] : ['Connection: close']
  socket.write([...lines, ...closes, '', ''].join('\r\n'))
  const answer = await text(socket)
  return answer.split('\r\n', 1)[0] ?? ''
}
