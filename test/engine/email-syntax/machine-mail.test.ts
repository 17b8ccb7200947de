import assert from 'node:assert/strict'
import { isMachineMail } from '../../../engine/email-syntax/machine-mail.js'

const from = 'From: Ana Lima <ana@example.org>\nSubject: Pedido 42\n'
const body = '\n\nBom dia, qual o andamento do pedido?\n'

describe('isMachineMail', () => {
  for (const header of [
    'Auto-Submitted: auto-replied',
    'Auto-Submitted: auto-generated (rejected); owner-email="x@example.org"',
    'auto-submitted: Auto-Notified',
    'Precedence: bulk',
    'Precedence: list',
    'Precedence: junk',
    'Precedence: auto_reply',
    'List-Id: Novidades <news.example.org>',
    'List-Unsubscribe: <mailto:out@example.org>, <https://example.org/out>',
    'List-Post: NO',
    'X-Auto-Response-Suppress: All',
    'X-Autoreply: yes',
    'X-Failed-Recipients: bia@example.org',
    'Return-Path: <>',
    'Content-Type: multipart/report; report-type=delivery-status;\n\tboundary="x"',
    'Reply-To: no-reply@example.org',
    'Responder a: nao-responda@example.org',
  ])
    it(`is told by the header ${JSON.stringify(header)}`, () => {
      assert.ok(isMachineMail(`${from}${header}${body}`))
    })

  for (const sender of [
    'noreply@example.org',
    'Loja <no-reply@example.org>',
    '"Conta" <security-noreply+42@example.org>',
    'Banco <nao-responda@example.org>',
    'naoresponder@example.org',
    'Não Responda <sistema@example.org>',
    '=?UTF-8?Q?N=C3=A3o_responda?= <sistema@example.org>',
    'Do not reply <donotreply@example.org>',
    'Mail Delivery Subsystem <mailer-daemon@example.org>',
    'MAILER-DAEMON',
    'postmaster@example.org',
  ])
    it(`is told by the sender ${sender}`, () => {
      assert.ok(isMachineMail(`From: ${sender}\nSubject: Pedido 42${body}`))
      assert.ok(isMachineMail(`Assunto: Pedido 42\nDe: ${sender}${body}`))
    })

  for (const sender of [
    'bruno.reply@example.org',
    'Reno Reply <reno-reply@example.org>',
    'Ana Lima <ana@noreplay.example.org>',
    'Postmasters Ltda <contato@example.org>',
  ])
    it(`takes ${sender} for a person`, () => {
      assert.ok(!isMachineMail(`From: ${sender}\nSubject: Pedido 42${body}`))
    })

  for (const header of [
    'Auto-Submitted: no',
    'Auto-Submitted: No (a person)',
    'Precedence: first-class',
    'X-Auto-Response-Suppress: None',
    'Return-Path: <ana@example.org>',
    'Content-Type: multipart/mixed; boundary="report"',
  ])
    it(`is not told by the header ${JSON.stringify(header)}`, () => {
      assert.ok(!isMachineMail(`${from}${header}${body}`))
    })

  it('reads raw headers in any order, with folded lines and such that lost their fold', () => {
    const raw = [
      'Delivered-To: office@example.org',
      'Received: from a.example.org ([192.0.2.1])',
      'by b.example.org with ESMTPS id 42',
      'Message-ID: <1@example.org>',
      'X-Google-Smtp-Source: abc',
      'DKIM-Signature: v=1; a=rsa-sha256;',
      '\tList-Id: not a header but a folded line',
      'Foo: bar',
      'From: ana@example.org',
    ].join('\r\n')
    assert.ok(!isMachineMail(`${raw}\r\n\r\nOlá`))
    assert.ok(isMachineMail(`\n${raw}\r\nPrecedence: bulk\r\n\r\nOlá`))
  })

  it('reads headers that were pasted with an indentation', () => {
    assert.ok(isMachineMail(`\n\n  De: Loja <noreply@example.org>\n  Assunto: Pedido\n\n  Olá`))
  })

  it('answers who forwards a bounce and asks something', () => {
    const bounce =
      'From: Mail Delivery Subsystem <mailer-daemon@example.org>\nAuto-Submitted: auto-replied\nSubject: Failure\n\nUser unknown'
    for (const mail of [
      `${from}\nPor que voltou?\n\n---------- Forwarded message ---------\n${bounce}`,
      `Assunto: ENC: Failure\n\n${bounce}`,
      `${from}\nPor que voltou?\n\n${bounce.replaceAll(/^/gm, '> ')}`,
      `Por que voltou?\n${bounce}`,
      `---------- Mensagem encaminhada ----------\n${bounce}`,
      `> From: noreply@example.org\n> Precedence: bulk\n\nIsto é verdadeiro?`,
      `${from}${bounce}`,
    ])
      assert.ok(!isMachineMail(mail), mail)
  })

  it('takes no word of the body for a header', () => {
    for (const mail of [
      `${from}\nPrecedence: bulk\nAuto-Submitted: auto-replied`,
      'Pergunta: o que quer dizer isto?\nPrecedence: bulk',
      'Assunto: Cabeçalho\nPrecedence: bulk quer dizer o quê?',
      'Assunto: Golpe?\nDe: noreply@example.org recebi um aviso estranho.',
      'De: São Paulo\nPara: Rio',
      'A resposta de no-reply@example.org não chegou.',
      'Esta é uma mensagem automática, não responda.',
      'From what I see:\nPrecedence: bulk',
      '',
    ])
      assert.ok(!isMachineMail(mail), mail)
  })

  it('is quick with hostile heads', () => {
    const begun = performance.now()
    for (const piece of [
      'X-A: b\n',
      ' \n',
      '\n',
      '=?utf-8?q?=',
      'From: <',
      '(',
      'Received: a\nb\n',
    ])
      isMachineMail(`From: ${piece.repeat(200_000)}`)
    assert.ok(performance.now() - begun < 2_000)
  })
})
