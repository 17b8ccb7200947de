import { availableParallelism, cpus, loadavg } from 'node:os'
import { type BenchReport, type BenchSummary, isMet, type Ratio, round } from './report.js'
import { formatTable, writeResults } from './results.js'

/** Prints what a bench measured, last of it one JSON line. A bench of parts has kept those already. */
export async function publish(report: BenchReport | BenchSummary): Promise<void> {
  if ('table' in report) await keep(report)
  const { bench, ratios, figures } = report
  console.log(JSON.stringify({ bench, ratios, figures }))
}

/** Prints a report, and keeps one of full size in bench/RESULTS.md. */
export async function keep(report: BenchReport): Promise<void> {
  const section = describe(report)
  console.log(`\n${section}`)
  if (report.fullSize) await writeResults(report.bench, section)
  else
    console.log('Smaller than the bench that the aims are about: not kept in bench/RESULTS.md.\n')
}

function describe({ table, notes, ratios, peers }: BenchReport): string {
  const versions = Object.entries(peers).map(([name, version]) => `${name} ${version}`)
  return [
    `${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC, ${describeMachine()}, ${versions.join(', ')}.`,
    formatTable(table),
    ...(ratios.length === 0
      ? []
      : [formatTable([['ratio', 'measured', 'aim', 'met'], ...ratios.map(describeRatio)])]),
    notes.map((note) => `- ${note}`).join('\n'),
    '',
  ].join('\n\n')
}

const describeRatio = (ratio: Ratio): string[] => [
  ratio.name,
  String(round(ratio.value, 2)),
  `${ratio.op === '<=' ? '≤' : '≥'} ${ratio.aim}`,
  isMet(ratio) ? 'yes' : 'no',
]

function describeMachine(): string {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor'
  const load = (loadavg()[0] ?? 0).toFixed(1)
  return `${availableParallelism()} cores (${model}), load ${load}, Node ${process.versions.node}`
}
