import { splitEmail } from '../classification/email-text.js'

/** Words that a signature has where a name would stand. */
const noName =
  /\b(equipe|time|suporte|atendimento|departamento|setor|secretaria|coordena[cç][aã]o|diretoria|financeiro|ltda|s\.?a\.?|team|support|department|office|sales|service|customer|company|inc|ltd|llc|university|universidade|faculdade|hospital|clinic|cl[ií]nica|prefeitura|condom[ií]nio|enviado|sent|from|tel|cnpj|cpf|www)\b/iu
const nameWord = /^(?:\p{Lu}['’])?\p{Lu}\p{Ll}{1,20}(?:[-'’]\p{Lu}\p{Ll}{1,20})?$/u
const particles = new Set([
  'da',
  'de',
  'do',
  'das',
  'dos',
  'e',
  'von',
  'van',
  'del',
  'di',
  'la',
  'y',
])
const longestNameWords = 6

/**
 * The name that a mail is signed with, only where it is surely one: the first line of the signature that
 * is no closing formula, of two or more capitalised words and nothing else.
 */
export function findPersonName(text: string): string | undefined {
  const lines = splitEmail(text)
    .signature.split('\n')
    .map((line) => line.replace(/^[-–—_\s]+|[,.;\s]+$/gu, ''))
    .filter((line) => line !== '')
  return lines.slice(0, 2).find(isPersonName)
}

function isPersonName(line: string): boolean {
  if (line.length > 60 || noName.test(line)) return false
  const words = line.split(/\s+/u)
  const names = words.filter((word) => !particles.has(word))
  return (
    words.length <= longestNameWords &&
    names.length >= 2 &&
    names.every((word) => nameWord.test(word))
  )
}
