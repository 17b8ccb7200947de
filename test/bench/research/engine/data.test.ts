import assert from 'node:assert/strict'
import {
  parseBanking,
  splitForRetrieval,
  hashUtf8,
} from '../../../../bench/research/engine/data/banking.js'
import { textRow, thin } from '../../../../bench/research/engine/data/bench-row.js'
import { isUnseenMerchant, parseCeaps } from '../../../../bench/research/engine/data/ceaps.js'
import { parseClinc } from '../../../../bench/research/engine/data/clinc.js'
import { draw } from '../../../../bench/research/engine/data/mail.js'
import { parsePersonal } from '../../../../bench/research/engine/data/personal.js'
import { readMail } from '../../../../bench/research/engine/data/spam.js'

describe('the data of the engine’s bench', () => {
  it('should read banking77: quoted questions, without blanks around them', () => {
    const [first, second] = parseBanking(
      'text,category\n"Where, please, is my card?\n",card_arrival\nHi,other\n',
    )
    assert.deepEqual(first, textRow('Where, please, is my card?', 'card_arrival'))
    assert.equal(second?.sample.label, 'other')
  })

  it('should leave out for retrieval what the embedding’s data card leaves out: 2,000 by their hash', () => {
    // The published test values of FNV-1a, 32 bits.
    assert.equal(hashUtf8(''), 0x811c9dc5)
    assert.equal(hashUtf8('foobar'), 0xbf9cf968)
    const rows = Array.from({ length: 2_005 }, (_, at) => textRow(`row ${at}`, 'a'))
    const { asked, searched } = splitForRetrieval(rows)
    assert.deepEqual([asked.length, searched.length], [2_000, 5])
    const hashes = [...asked, ...searched].map(({ sample }) => hashUtf8(sample.text))
    assert.deepEqual(
      hashes,
      hashes.toSorted((left, right) => left - right),
    )
  })

  it('should read clinc150, what is out of scope with the validation part first', () => {
    const clinc = parseClinc(
      JSON.stringify({
        train: [['say hi in german', 'translate']],
        val: [['thanks', 'thank_you']],
        oos_train: [['a show on broadway', 'oos']],
        oos_val: [['set a warning', 'oos']],
      }),
    )
    assert.deepEqual(clinc.train, [textRow('say hi in german', 'translate')])
    assert.deepEqual(
      clinc.outOfScope.map(({ sample }) => sample.text),
      ['set a warning', 'a show on broadway'],
    )
    assert.equal(clinc.outOfScopeValidation, 1)
  })

  it('should read ceaps: quotes are letters, and the detail is told to nobody', () => {
    const [row] = parseCeaps(
      'date\tamount_brl\tmerchant\tdetail\tcategory\n2020-01-06\t122.62\tPOSTO "3"\tDespesa de aluguel\tcombustivel\n',
    )
    assert.deepEqual(row, {
      sample: { text: 'POSTO "3"', amount: 122.62, date: '2020-01-06', label: 'combustivel' },
      baselineText: 'POSTO "3" 122.62 2020-01-06',
    })
  })

  it('should know a merchant however it is written', () => {
    const isUnseen = isUnseenMerchant([textRow('Avião & Cia. Ltda', 'a')])
    assert.equal(isUnseen(textRow('AVIAO  CIA LTDA', 'a')), false)
    assert.equal(isUnseen(textRow('Aviao Ltda', 'a')), true)
  })

  it('should read card lines: a debit is below 0, the day is ISO', () => {
    const [debit, credit] = parsePersonal(
      'Date,Description,Amount,Transaction Type,Category,Account Name\n01/02/2018,Shell,34.87,debit,Gas & Fuel,Card\n12/31/2018,Pay,2000,credit,Paycheck,Checking\n',
    )
    assert.deepEqual(debit, {
      sample: { text: 'Shell', amount: -34.87, date: '2018-01-02', label: 'Gas & Fuel' },
      baselineText: 'Shell -34.87 2018-01-02',
    })
    assert.equal(credit?.baselineText, 'Pay 2000 2018-12-31')
  })

  it('should take of a raw mail the subject, unfolded, and the body, 10,000 characters at most', () => {
    assert.equal(
      readMail('From: a\r\nSubject: One\r\n  two\r\nTo: b\r\n\r\nHello\r\n\r\nSubject: no\r\n'),
      'One two\n\nHello\r\n\r\nSubject: no',
    )
    assert.equal(readMail('From: a\n\nOnly a body'), '\n\nOnly a body')
    assert.equal(readMail(`Subject: long\n\n${'x'.repeat(20_000)}`).length, 10_000)
  })

  it('should thin evenly, and leave few as they are', () => {
    assert.deepEqual(thin([0, 1, 2, 3, 4, 5], 3), [0, 2, 4])
    assert.deepEqual(thin([0, 1], 3), [0, 1])
    assert.deepEqual(thin([0, 1], Infinity), [0, 1])
  })

  it('should draw neighbours together, another half for another seed, all for all', () => {
    const rows = Array.from({ length: 100 }, (_, at) => at)
    const half = draw(rows, 0.5, 1)
    assert.equal(half.length, 50)
    assert.ok(half.every((row) => half.includes(row % 2 === 0 ? row + 1 : row - 1)))
    assert.deepEqual(half, draw(rows, 0.5, 1))
    assert.notDeepEqual(half, draw(rows, 0.5, 2))
    assert.deepEqual(draw(rows, 1, 1), rows)
  })
})
