import { parseArgs } from 'node:util'
import { setTimeout as delay } from 'node:timers/promises'
import { startPdfReader, type PdfReader } from '../services/extraction/pdf-reader.js'
import {
  createPdfReaders,
  defaultPdfLanes,
  type PdfReaders,
} from '../services/extraction/pdf-readers.js'
import { deflatedRepeat } from '../test/services/extraction/deflated-repeat.js'
import { endlessPdf, makePdf, onePagePdf } from '../test/services/extraction/make-pdf.js'
import { interleave } from './support/interleave.js'
import { installedVersion } from './support/package-version.js'
import { readUsage } from './support/process-usage.js'
import { type BenchReport, round } from './support/report.js'
import { median } from './support/statistics.js'

const full = { rounds: 5, files: 10, slow: 20 } as const
const limits = { maxPages: 200, maxCharacters: 2_000_000 }
/** More than there are readers. */
const hugeFiles = 6
const megabyte = 1024 * 1024

interface Reading {
  readonly wallMs: number
  readonly processorMs: number
}

interface Waits {
  readonly otherSeconds: number
  readonly sameSeconds: number
}

/** A small PDF in a kept reader against a process for each, and how long one waits behind slow ones. */
export async function runPdf(args: string[]): Promise<BenchReport> {
  const { values } = parseArgs({
    args,
    options: {
      rounds: { type: 'string', default: String(full.rounds) },
      files: { type: 'string', default: String(full.files) },
      slow: { type: 'string', default: String(full.slow) },
    },
  })
  const [rounds, files, slow] = [values.rounds, values.files, values.slow].map(Number)
  if (rounds === undefined || files === undefined || slow === undefined) throw new Error('No size.')
  const pdf = await makePdf(['Bom dia, qual o andamento do meu pedido 4821?'])
  const kept = startPdfReader(defaultPdfLanes.quick)
  try {
    await readIn(kept, pdf)
    const sides = await interleave(
      rounds,
      () => readTimes(files, () => readIn(kept, pdf)),
      () => readTimes(files, () => readAlone(pdf)),
    )
    const [inKept, alone] = [overRounds(sides.first), overRounds(sides.second)]
    const waits = await measureWaits(pdf, slow)
    return report(
      inKept,
      alone,
      { ...waits, residentMb: await measureMemory() },
      { rounds, files, slow },
    )
  } finally {
    await kept.end()
  }
}

/** One after the other. @returns the mean of one */
async function readTimes(files: number, read: () => Promise<number>): Promise<Reading> {
  const startedAtMs = performance.now()
  let processorMs = 0
  for (let file = 0; file < files; file++) processorMs += await read()
  return { wallMs: (performance.now() - startedAtMs) / files, processorMs: processorMs / files }
}

/** @returns the reader's processor time */
async function readIn(reader: PdfReader, pdf: Buffer): Promise<number> {
  const pid = reader.pid ?? 0
  const before = readUsage(pid).processorMs
  await reader.read(pdf, { ...limits, timeoutMs: 60_000 })
  return readUsage(pid).processorMs - before
}

/** @returns the processor time of a whole reader */
async function readAlone(pdf: Buffer): Promise<number> {
  const reader = startPdfReader(defaultPdfLanes.slow)
  try {
    await reader.read(pdf, { ...limits, timeoutMs: 60_000 })
    return readUsage(reader.pid ?? 0).processorMs
  } finally {
    await reader.end()
  }
}

const overRounds = (measured: readonly Reading[]): Reading => ({
  wallMs: median(measured.map(({ wallMs }) => wallMs)),
  processorMs: median(measured.map(({ processorMs }) => processorMs)),
})

/** One caller's slow files first, then a small one of another caller and of the same. */
async function measureWaits(small: Buffer, slow: number): Promise<Waits> {
  const readers = createPdfReaders({ limits })
  try {
    const endless = endlessPdf()
    for (let file = 0; file < slow; file++) void read(readers, 'first', endless).catch(() => 0)
    const [otherSeconds, sameSeconds] = await Promise.all([
      read(readers, 'second', small),
      read(readers, 'first', small),
    ])
    return { otherSeconds, sameSeconds }
  } finally {
    await readers.close()
  }
}

/** @returns the most that all readers had together, in MB, while all of them read what unpacks to 600 MB */
async function measureMemory(): Promise<number> {
  const started = new Set<PdfReader>()
  const readers = createPdfReaders({
    limits,
    startReader: (memory) => {
      const reader = startPdfReader(memory)
      started.add(reader)
      return reader
    },
  })
  const watching = new AbortController()
  const watched = watchMemory(started, watching.signal)
  try {
    const huge = onePagePdf(await deflatedRepeat(' ', 600_000_000))
    const readings = Array.from({ length: hugeFiles }, () => read(readers, 'first', huge))
    await Promise.allSettled(readings)
    watching.abort()
    return await watched
  } finally {
    watching.abort()
    await readers.close()
  }
}

/** @returns how long it took in seconds */
async function read(readers: PdfReaders, caller: string, pdf: Buffer): Promise<number> {
  const startedAtMs = performance.now()
  await readers.read({ caller, load: () => Promise.resolve(pdf) })
  return (performance.now() - startedAtMs) / 1000
}

/** @returns the most that they had together, in MB */
async function watchMemory(readers: ReadonlySet<PdfReader>, signal: AbortSignal): Promise<number> {
  let max = 0
  while (!signal.aborted) {
    max = Math.max(
      max,
      [...readers].map(readResidentMb).reduce((sum, one) => sum + one, 0),
    )
    await delay(10)
  }
  return max
}

/** Nothing where the process is gone, or has ended and still has a number. */
function readResidentMb({ pid, hasEnded }: PdfReader): number {
  if (hasEnded()) return 0
  try {
    return (readUsage(pid ?? 0).residentBytes || 0) / megabyte
  } catch {
    return 0
  }
}

function report(
  kept: Reading,
  alone: Reading,
  { otherSeconds, sameSeconds, residentMb }: Waits & { readonly residentMb: number },
  { rounds, files, slow }: { rounds: number; files: number; slow: number },
): BenchReport {
  const row = (what: string, { processorMs, wallMs }: Reading) => [
    what,
    processorMs.toFixed(1),
    wallMs.toFixed(1),
  ]
  return {
    bench: 'pdf',
    table: [
      ['a small PDF', 'processor ms', 'wall ms'],
      row('in a kept reader', kept),
      row('a process each', alone),
    ],
    notes: [
      `A PDF of one line, ${files} times in each of ${rounds} blocks in turn (A B A B); means within a block, medians over the blocks. Processor time is the reading process’s own, its start included where it is one for each file.`,
      `Behind ${slow} files of one caller that take for ever, a small one of another caller waited ${otherSeconds.toFixed(1)} s, and one of the same caller ${sameSeconds.toFixed(1)} s.`,
      `While ${hugeFiles} files that unpack to 600 MB each are read, all readers together had at most ${residentMb.toFixed(0)} MB, looked at every 10 ms.`,
    ],
    ratios: [
      {
        name: 'processor time in a kept reader to a process each',
        value: round(kept.processorMs / alone.processorMs, 3),
        op: '<=',
        aim: 0.25,
      },
      { name: 'seconds behind another caller', value: round(otherSeconds, 2), op: '<=', aim: 10 },
      { name: 'seconds behind the same caller', value: round(sameSeconds, 2), op: '<=', aim: 30 },
      { name: 'MB of all readers', value: round(residentMb, 0), op: '<=', aim: 1024 },
    ],
    figures: {
      'kept processor ms': round(kept.processorMs, 2),
      'kept wall ms': round(kept.wallMs, 2),
      'alone processor ms': round(alone.processorMs, 2),
      'alone wall ms': round(alone.wallMs, 2),
      'other caller waits s': round(otherSeconds, 2),
      'same caller waits s': round(sameSeconds, 2),
      'readers MB': round(residentMb, 0),
    },
    peers: { 'pdfjs-dist': installedVersion('pdfjs-dist') },
    fullSize: rounds >= full.rounds && files >= full.files && slow >= full.slow,
  }
}
