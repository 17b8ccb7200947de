import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { packageRoot } from '../../config/package.js'

const file = join(packageRoot, 'bench', 'RESULTS.md')
const order = [
  'latency',
  'throughput',
  'fanout',
  'start',
  'mail-latency',
  'bcrypt',
  'mail-load',
  'pdf',
  'engine',
  'engine-api',
]
/** The parts of a bench follow it: `engine: speed` stands behind `engine`. */
const wholeOf = (name: string) => name.replace(/:.*$/u, '')
const head = `# Bench results

Written by \`npm run bench -- NAME\`; each section is the last run of full size. Speed is a ratio to a named peer in the same run; absolute figures belong to that machine and its load.
`

/** Replaces one bench's section in bench/RESULTS.md; the others stay as they are. */
export async function writeResults(bench: string, section: string): Promise<void> {
  const sections = readSections(await readFile(file, 'utf8').catch(() => '')).set(
    bench,
    section.trim(),
  )
  const rank = (name: string) => {
    const place = order.indexOf(wholeOf(name))
    return (place < 0 ? order.length : place) + (name === wholeOf(name) ? 0 : 0.5)
  }
  const sorted = [...sections].sort(([a], [b]) => rank(a) - rank(b))
  const text = sorted.map(([name, content]) => `## ${name}\n\n${content}\n`)
  await writeFile(file, [head, ...text].join('\n'))
}

/** A Markdown table, padded as Prettier pads it. @param rows of equal length, the first one the head */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const [names = [], ...cells] = rows
  const widths = names.map((_, i) => Math.max(3, ...rows.map((row) => row[i]?.length ?? 0)))
  const line = (row: readonly string[]) =>
    `| ${widths.map((width, i) => (row[i] ?? '').padEnd(width)).join(' | ')} |`
  return [line(names), line(widths.map((width) => '-'.repeat(width))), ...cells.map(line)].join(
    '\n',
  )
}

function readSections(text: string): Map<string, string> {
  const [, ...parts] = text.split(/^## /m)
  return new Map(
    parts.map((part) => {
      const end = part.indexOf('\n')
      return [part.slice(0, end).trim(), part.slice(end).trim()]
    }),
  )
}
