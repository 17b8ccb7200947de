import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { createDeflate } from 'node:zlib'

/** `head`, `count` times one ASCII character and `tail`, compressed without ever being whole in memory. */
export function deflatedRepeat(char: string, count: number, head = '', tail = ''): Promise<Buffer> {
  const chunk = Buffer.alloc(1_000_000, char)
  function* content(): Generator<Buffer> {
    yield Buffer.from(head)
    for (let rest = count; rest > 0; rest -= chunk.length) yield chunk.subarray(0, rest)
    yield Buffer.from(tail)
  }
  return buffer(Readable.from(content()).pipe(createDeflate()))
}
