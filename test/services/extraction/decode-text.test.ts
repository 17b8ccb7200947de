import assert from 'node:assert/strict'
import { deflateSync, gzipSync } from 'node:zlib'
import { decodeText } from '../../../services/extraction/decode-text.js'
import { NotTextError } from '../../../services/extraction/not-text-error.js'

const portuguese =
  'Olá, João!\nA situação é urgente: não há acesso às três da manhã. Ação, coração, ímpar.'

const utf16le = (text: string): Buffer => Buffer.from(text, 'utf16le')
const utf16be = (text: string): Buffer => utf16le(text).swap16()
const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1')
const isNotText = (error: unknown): boolean =>
  error instanceof NotTextError && error.code === 'not_text'

describe('decodeText', () => {
  const charsets: Record<string, Buffer> = {
    'UTF-8': Buffer.from(portuguese),
    'UTF-8 with a byte order mark': Buffer.from('\uFEFF' + portuguese),
    'UTF-16 LE with a byte order mark': utf16le('\uFEFF' + portuguese),
    'UTF-16 BE with a byte order mark': utf16be('\uFEFF' + portuguese),
    'UTF-16 LE without a mark': utf16le(portuguese),
    'UTF-16 BE without a mark': utf16be(portuguese),
    'Latin-1': latin1(portuguese),
  }
  for (const [charset, bytes] of Object.entries(charsets)) {
    it(`reads Portuguese in ${charset}`, () => {
      assert.equal(decodeText(bytes), portuguese)
    })
  }

  it('reads the signs that Windows-1252 has and Latin-1 lacks', () => {
    const bytes = Buffer.concat([
      latin1('“'),
      Buffer.from([0x93, 0xe7, 0x94, 0x20, 0x80, 0x20, 0x96, 0x9f]),
    ])
    assert.equal(decodeText(bytes.subarray(1)), '“ç” € –Ÿ')
  })

  it('keeps signs outside Latin in UTF-16 without a mark', () => {
    const text = 'Orçamento de 100 € – “urgente” 🙂 até amanhã'
    assert.equal(decodeText(utf16le(text)), text)
    assert.equal(decodeText(utf16be(text)), text)
  })

  it('reads a view into a larger buffer', () => {
    const whole = latin1('xxação')
    assert.equal(decodeText(new Uint8Array(whole.buffer, whole.byteOffset + 2, 4)), 'ação')
  })

  it('takes UTF-8 that was cut inside a character for UTF-8', () => {
    assert.equal(decodeText(Buffer.from('ação é não').subarray(0, -2)), 'ação é n\uFFFD')
  })

  it('takes upper-case Latin-1 for what it is', () => {
    assert.equal(
      decodeText(latin1('ATENÇÃO: SITUAÇÃO DE EMERGÊNCIA')),
      'ATENÇÃO: SITUAÇÃO DE EMERGÊNCIA',
    )
  })

  it('gives an empty text for no bytes and for a mark alone', () => {
    assert.equal(decodeText(new Uint8Array()), '')
    assert.equal(decodeText(utf16le('\uFEFF')), '')
  })

  it('makes every line end a line feed', () => {
    assert.equal(decodeText(Buffer.from('a\r\nb\rc\nd\u2028e\u0085f')), 'a\nb\nc\nd\ne\nf')
  })

  it('removes control characters and keeps tabs', () => {
    assert.equal(decodeText(Buffer.from('o\u0007l\u001Bá\t\u007Fsim')), 'olá\tsim')
  })

  it('composes accents that came apart', () => {
    assert.equal(decodeText(Buffer.from('ação'.normalize('NFD'))), 'ação')
  })

  it('never lets a lone surrogate out', () => {
    const text = decodeText(
      Buffer.concat([utf16le('\uFEFFabc'), Buffer.from([0x00, 0xd8]), utf16le('d')]),
    )
    assert.equal(text, 'abc\uFFFDd')
    assert.ok(text.isWellFormed())
  })

  const png = Buffer.concat([
    Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'),
    deflateSync(Buffer.alloc(5000, 'pixels')),
  ])
  const binaries: Record<string, Buffer> = {
    'a program': Buffer.concat([
      Buffer.from('MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0', 'latin1'),
      Buffer.alloc(64),
    ]),
    'a zip': Buffer.from('PK\x03\x04\x14\0\x08\0\x08\0ab\0\0\0\0name.txt', 'latin1'),
    'a picture': png,
    'a gzip': gzipSync(Buffer.from(portuguese)),
    'text with one zero byte': Buffer.from('abc\0def'),
    'UTF-32': Buffer.from([0xff, 0xfe, 0, 0, 0x61, 0, 0, 0]),
    'bytes without zeros': Buffer.from(
      Array.from({ length: 2000 }, (_, index) => ((index * 7919) % 255) + 1),
    ),
  }
  for (const [name, bytes] of Object.entries(binaries)) {
    it(`refuses ${name}`, () => {
      assert.throws(() => decodeText(bytes), isNotText)
    })
  }
})
