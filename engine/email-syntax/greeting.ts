import { foldName } from './fold-name.js'
import { spokenTitles, titles } from './person-titles.js'

const maxGreetingLength = 200

const salutation = String.raw`oi|ol[aá]|opa|bom dia|boa tarde|boa noite|(?:prezad|car|querid|estimad|exm)[oa]s?|dear|hi|hello|hey|good (?:morning|afternoon|evening)`
const title = String.raw`(?:${[...titles, ...spokenTitles].join('|')})(?!\p{L})[.ªº]*\s+`
const greeting = new RegExp(
  String.raw`^(?:${salutation})(?:[.,]\s*|\s+)(?:${title}){0,3}([^,.!?:;\n–-]{2,60})`,
  'iu',
)

/** Gives the folded names that a mail's first words speak to. `Olá, sou a Ana` speaks to nobody by name. */
export function findGreeted(newest: string): ReadonlySet<string> {
  const start = newest.trimStart().slice(0, maxGreetingLength)
  const names = (greeting.exec(start)?.[1] ?? '').trim().split(/\s+/u)
  const isAddress = names.length <= 2 || names.every((name) => /^\p{Lu}/u.test(name))
  return new Set(isAddress ? names.map(foldName) : [])
}
