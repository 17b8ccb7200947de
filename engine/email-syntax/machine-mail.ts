import { type Header, readMailbox, readOwnHeaders } from './mail-headers.js'

/**
 * Says whether a mail's own headers tell that a program or a list sent it, or that nobody reads the
 * answer. Such mail must not be answered whatever it says (RFC 3834, 2): programs that answer each other
 * never end. Words in the body and headers of what it quotes or forwards tell nothing here: a person who
 * forwards a bounce wants an answer.
 */
export function isMachineMail(text: string): boolean {
  return readOwnHeaders(text).some(tellsOfMachine)
}

function tellsOfMachine({ name, value }: Header): boolean {
  const said = value
    .replace(/\([^()]*\)/gu, '')
    .trim()
    .toLowerCase()
  switch (name) {
    case 'auto-submitted':
      return /^auto-/u.test(said) || (/^[\w-]+(?:\s?;.*)?$/u.test(said) && !/^no\b/u.test(said))
    case 'precedence':
      return /^(?:bulk|list|junk|auto[_-]reply)$/u.test(said)
    case 'list-id':
    case 'list-post':
    case 'list-unsubscribe':
    case 'list-unsubscribe-post':
    case 'list-help':
    case 'list-owner':
    case 'list-archive':
      return /^\S+$|<[^<>]+>/u.test(said)
    case 'x-auto-response-suppress':
    case 'x-autoreply':
    case 'x-autorespond':
    case 'x-autoresponder':
      return !['', 'no', 'none', 'false'].includes(said)
    case 'x-failed-recipients':
      return said !== ''
    case 'content-type':
      return said.startsWith('multipart/report')
    case 'return-path':
      return /^<\s*>$/u.test(said) || isReadByNobody(value)
    case 'from':
    case 'reply-to':
      return isReadByNobody(value)
    default:
      return false
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
