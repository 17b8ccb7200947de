import { foldName } from './fold-name.js'
import { familyNames, givenNames } from './given-names.js'
import { titles } from './person-titles.js'

const maxLineLength = 100
const maxNameWords = 6

const titleWords = new Set(titles)
const joiners = words('e and & y und')
const particles = new Set([
  ...joiners,
  ...words("da de do das dos d' von van der den del di du la le el al bin ter"),
])
/** Words of firms, departments and roles, which stand in signatures too: `Maria do Financeiro`. */
const noName = words(`
  academia academica academico administracao administrador administradora administrativo advocacia advogados agencia agente
  analista assessoria assistencia assistente associacao associados atendimento auditoria auxiliar banco biblioteca caixa camara
  cartorio casa central centro cia clinic clinica clube cnpj cobranca colegio comercial comercio comissao companhia compras
  comunicacao condominio conselho construtora consultor consultora consultoria contabil contabilidade contas coordenacao
  coordenador coordenadora cpf curso departamento depto diretor diretora diretoria direcao distribuidora editora empresa
  engenharia enviado equipa equipe escola escritorio estagiaria estagiario expedicao faculdade familia farmacia faturamento
  faturacao filhos financas financeira financeiro fundacao gerencia gerente gestao grupo hospital hotel igreja imobiliaria
  informatica instituto irmaos jardim juridico laboratorio loja lojas logistica ltda manutencao marketing materiais mecanica
  ministerio municipal obras oficina ouvidoria padaria papelaria parque pessoal portaria prefeitura presidencia producao
  projeto projetos protocolo qualidade recepcao recursos reitoria restaurante rh rua sa secretaria secretario seguranca
  seguros servico servicos setor sindica sindico sistema sistemas sindicato sociedade solucoes superintendencia suporte
  supermercado suprimentos tecnologia tecnica tecnico tel telefone tesouraria time transportadora transportes tribunal turma
  universidade vendas whatsapp zeladoria
  academy account accountant accounting accounts admin administration agency assistant associates association bank board
  building care center centre church city clerk clinic club co college committee community company consultant consulting
  council county customer dept department desk director division engineer engineering estate faculty family finance
  foundation from garden gmbh group head help heating home hotel house hr human inc institute insurance job legal
  lettings limited llc llp loans ltd management manager marketing mobile office officer order orders partner partners payment payments payroll
  personnel phone plc president property purchase purchasing reception registry resources road sales school secretary sent
  service services shop society solicitors solutions sons state store street student supplier support system systems team
  tech technologies treasurer trust union university www
`)

const part = String.raw`(?:\p{Lu}['’]|Mac|Mc|De|Le|La|Van|Fitz)?\p{Lu}\p{Ll}{1,20}`
const writtenWord = new RegExp(`^(?:d['’])?${part}(?:[-'’]${part}){0,3}$`, 'u')
const capitalWord = /^\p{Lu}{2,20}(?:[-'’]\p{Lu}{1,20}){0,3}$|^\p{Lu}['’]\p{Lu}{2,20}$/u
const smallWord = /^\p{Ll}{2,20}(?:[-'’]\p{Ll}{1,20}){0,3}$/u
const initial = /^\p{Lu}\.?$/u

/** A person, as a greeting would name them. */
export interface NamedPerson {
  readonly name: string
  /** Given or only name, without title, folded. */
  readonly firstName: string
  readonly wordCount: number
}

/**
 * Reads a line of a signature, or the name in a `From`, that surely names a person: with a title, or with
 * a frequent given name, or the same as in the person's own address. What follows a comma, a dash or a
 * bracket (a role, a firm) is left out; capitals and small letters alone become a name's.
 *
 * @param address the sender's, where it is known
 * @returns undefined where it may be a firm, a department, a role, several people, or a sentence
 */
export function readPersonName(line: string, address = ''): NamedPerson | undefined {
  if (line.length > maxLineLength || /[?!:]\s*$/u.test(line)) return undefined
  const { head, separator, tail } = splitRole(line.normalize('NFC'))
  if (givenNames.has(foldName(/^[\p{L}]+/u.exec(tail)?.[0] ?? ''))) return undefined
  const { title, names } = splitTitle(head.split(/\s+/u))
  // `Imogen S.` is greeted as Imogen.
  const cased = restoreCase(initial.test(names.at(-1) ?? '') ? names.slice(0, -1) : names)
  if (cased === undefined || !isSurelyPerson(cased, title !== '', address)) return undefined
  // `Marcos, segue o boleto` is said to Marcos.
  if (separator === ',' && tail !== '' && (cased.length < 2 || /\.$/u.test(tail))) return undefined
  const name = [title, ...cased].join(' ').trim()
  return { name, firstName: foldName(cased[0] ?? ''), wordCount: cased.length }
}

function splitRole(line: string): { head: string; separator: string; tail: string } {
  const trimmed = line.replace(/^[-–—_•*~\s]+|[,.;*_\s]+$/gu, '')
  const [separator = ''] = /\s[-–—/]\s|\s?[,|(;•]|\s{3,}|\t/u.exec(trimmed) ?? []
  if (separator === '') return { head: trimmed, separator, tail: '' }
  const at = trimmed.indexOf(separator)
  return {
    head: trimmed.slice(0, at).trim(),
    separator: separator.trim(),
    tail: line.slice(line.indexOf(separator) + separator.length).trim(),
  }
}

const isTitle = (word: string): boolean => titleWords.has(foldName(word.replace(/[.ªº°]/gu, '')))

function splitTitle(all: readonly string[]): { title: string; names: readonly string[] } {
  const found = all.findIndex((word) => !isTitle(word))
  const count = found < 0 ? all.length : found
  return { title: all.slice(0, count).map(capitalise).join(' '), names: all.slice(count) }
}

const isParticle = (word: string): boolean => particles.has(word.toLowerCase())

/** @returns undefined where a word is not written like a name. A first name is never an initial. */
function restoreCase(all: readonly string[]): readonly string[] | undefined {
  const names = all.filter((word) => !isParticle(word) && !initial.test(word))
  const [first] = names
  if (first === undefined || first !== all[0] || isParticle(all.at(-1) ?? '')) return undefined
  if (names.every((word) => writtenWord.test(word))) return all
  const isSmall = names.every((word) => smallWord.test(word))
  // `maria da portaria` is a description; a surname makes it a name.
  if (isSmall && all.length > 1 && !familyNames.has(foldName(all.at(-1) ?? ''))) return undefined
  if (!isSmall && !names.every((word) => capitalWord.test(word))) return undefined
  return all.map((word) => (isParticle(word) ? word.toLowerCase() : capitalise(word)))
}

const capitalise = (word: string): string =>
  word.toLowerCase().replace(/(?<!\p{L})\p{L}/gu, (letter) => letter.toUpperCase())

function isSurelyPerson(names: readonly string[], isTitled: boolean, address: string): boolean {
  const folded = names.map(foldName)
  if (names.length > maxNameWords || folded.some((word) => noName.has(word))) return false
  const joined = folded.slice(1).findIndex((word) => joiners.has(word)) + 1
  // `Silva e Filhos`, `Ana & Sons`: two people have two given names, or one has two surnames.
  if (joined === 1 && !givenNames.has(folded[2] ?? '')) return false
  return isTitled || isGiven(folded[0] ?? '') || (names.length > 1 && isIn(address, folded))
}

const isGiven = (folded: string): boolean =>
  givenNames.has(folded) || givenNames.has(folded.split('-')[0] ?? '')

/** Says whether an address is made of a first and a last name. `mercado.livre@` is made of a firm's words. */
function isIn(address: string, folded: readonly string[]): boolean {
  const local = foldName(address.split('@')[0] ?? '').replace(/[^a-z]/gu, '')
  const first = folded[0] ?? ''
  const last = folded.at(-1) ?? ''
  return local === first + last || local === last + first || local === (first[0] ?? '') + last
}

function words(list: string): ReadonlySet<string> {
  return new Set(list.trim().split(/\s+/u))
}
