import type { Header } from './header-fields.js'
import { readOwnHeaders } from './mail-headers.js'
import { readMailbox } from './mailbox.js'

/** What a mail's headers say of its sender: a program wrote it, it went to many, nobody reads the answer. */
export type MachineSign = 'program' | 'many' | 'nobody'

/**
 * Says whether a mail's own headers tell that a program or a list sent it, or that nobody reads the answer. Such mail
 * must not be answered whatever it says (RFC 3834, 2): programs that answer each other never end. Words in the body
 * and the headers of what it quotes or forwards tell nothing here: a person who forwards a bounce wants an answer.
 */
export const isMachineMail = (text: string): boolean => findMachineSigns(text).size > 0

/** Gives the signs that a mail's own headers hold (RFC 3834, RFC 2369, RFC 2076). */
export function findMachineSigns(text: string): ReadonlySet<MachineSign> {
  const signs = readOwnHeaders(text).map(readSign)
  return new Set(signs.filter((sign) => sign !== undefined))
}

function readSign({ name, value }: Header): MachineSign | undefined {
  const said = value
    .replace(/\([^()]*\)/gu, '')
    .trim()
    .toLowerCase()
  const signIf = (holds: boolean, sign: MachineSign) => (holds ? sign : undefined)
  switch (name) {
    case 'auto-submitted':
      return signIf(
        /^auto-/u.test(said) || (/^[\w-]+(?:\s?;.*)?$/u.test(said) && !/^no\b/u.test(said)),
        'program',
      )
    case 'precedence':
      return signIf(/^(?:bulk|list|junk|auto[_-]reply)$/u.test(said), 'many')
    case 'list-id':
    case 'list-post':
    case 'list-unsubscribe':
    case 'list-unsubscribe-post':
    case 'list-help':
    case 'list-owner':
    case 'list-archive':
      return signIf(/^\S+$|<[^<>]+>/u.test(said), 'many')
    case 'x-auto-response-suppress':
    case 'x-autoreply':
    case 'x-autorespond':
    case 'x-autoresponder':
      return signIf(!['', 'no', 'none', 'false'].includes(said), 'program')
    case 'x-failed-recipients':
      return signIf(said !== '', 'program')
    case 'content-type':
      return signIf(said.startsWith('multipart/report'), 'program')
    case 'return-path':
      return signIf(/^<\s*>$/u.test(said) || isReadByNobody(value), 'nobody')
    case 'from':
    case 'reply-to':
      return signIf(isReadByNobody(value), 'nobody')
    default:
      return undefined
  }
}

/** As a word of its own: `bruno.reply@` is a person. */
const nobody =
  /(?<![\p{L}\p{N}])(?:no[-._ ]?reply|do(?:[-._ ]?not|n['’]?t)[-._ ]?(?:reply|respond)|n[aã]o[-._ ]?respond(?:a|er)|mailer[-._ ]?daemon|postmaster|mail delivery (?:sub)?system)(?!\p{L})/iu

function isReadByNobody(value: string): boolean {
  const { name, address } = readMailbox(value.normalize('NFC'))
  if (nobody.test(address.split('@')[0] ?? '')) return true
  // Without an address the line may be a sentence that mentions one.
  return address === '' ? nobody.exec(name)?.[0] === name && name !== '' : nobody.test(name)
}
