import assert from 'node:assert/strict'
import { readNumber } from '../../../engine/samples/read-number.js'

describe('readNumber', () => {
  it('should read amounts as people write them', () => {
    const cases: Readonly<Record<string, number>> = {
      '1.234,56': 1234.56,
      '1,234.56': 1234.56,
      '1.234.567,8': 1234567.8,
      '1234,5': 1234.5,
      '1234.5': 1234.5,
      '1.234': 1234,
      '1,234': 1234,
      '0,125': 0.125,
      '0.125': 0.125,
      '12345.678': 12345.678,
      '75': 75,
      'R$ 10': 10,
      'R$\u00A01.000,00': 1000,
      '-R$ 5,00': -5,
      'R$ -5,00': -5,
      '−5': -5,
      '+5': 5,
      '(5,00)': -5,
      '(R$ 1.234,56)': -1234.56,
      ' 7 ': 7,
      '-0': 0,
    }
    for (const [written, number] of Object.entries(cases))
      assert.equal(readNumber(written), number, written)
  })

  it('should not guess', () => {
    for (const written of [
      '',
      '-',
      '(',
      '()',
      '(-5)',
      '1.23.4',
      '1,2,3',
      '1e9',
      '0x10',
      'NaN',
      '5-',
      '1.234,56,7',
      '9'.repeat(20),
    ])
      assert.equal(readNumber(written), undefined, written)
  })
})
