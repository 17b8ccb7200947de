import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { round } from '../../../support/report.js'
import { median } from '../../../support/statistics.js'
import { thin } from '../data/bench-row.js'
import { readBanking } from '../data/banking.js'
import { embeddingFolder } from '../../../../engine/data-folders.js'
import { loads, takeLoads } from '../take-loads.js'
import type { PartReport, Setting } from '../setting.js'

const aims = { perSecond: 50_000, loadMs: 60, megabytes: 12 } as const
const passes = 7

/** Measures how fast and how large the embedding is. */
export async function measureEmbedding(setting: Setting): Promise<PartReport> {
  const rows = thin(await readBanking(setting.shared), setting.maxRows)
  const texts = rows.map(({ sample }) => sample.text)
  const rates = Array.from({ length: passes }, () => embedAll(setting.embedding, texts))
  const perSecond = median(rates.slice(1))
  const loadsMs = await takeLoads('embedding')
  const loadMs = median(loadsMs)
  const megabytes = (await sizeOf('embedding.bin')) + (await sizeOf('words.txt'))
  const characters = texts.reduce((sum, text) => sum + text.length, 0) / texts.length
  return {
    table: [
      ['embedding', 'measured'],
      ['version', setting.embedding.version],
      ['texts/s', perSecond.toFixed(0)],
      ['load ms', loadMs.toFixed(1)],
      ['shipped MB', megabytes.toFixed(2)],
    ],
    notes: [
      `Texts: ${texts.length} of banking77, ${characters.toFixed(0)} characters on average, on one thread; the median of ${passes - 1} passes after one that warms up.`,
      `Load: both files read and ready, the median of ${loads} fresh processes. Shipped: embedding.bin and words.txt, in millions of bytes.`,
    ],
    ratios: [
      { name: 'texts/s', value: round(perSecond, 0), op: '>=', aim: aims.perSecond },
      { name: 'load ms', value: round(loadMs, 1), op: '<=', aim: aims.loadMs },
      { name: 'shipped MB', value: round(megabytes, 2), op: '<=', aim: aims.megabytes },
    ],
    figures: {
      'texts/s': round(perSecond, 0),
      'texts/s, first pass': round(rates[0] ?? 0, 0),
      'load ms': round(loadMs, 1),
      'slowest load ms': round(Math.max(...loadsMs), 1),
      'shipped MB': round(megabytes, 3),
    },
  }
}

/** @returns texts a second */
function embedAll(embedding: Setting['embedding'], texts: readonly string[]): number {
  const startedAtMs = performance.now()
  let sum = 0
  for (const text of texts) sum += embedding.embed(text)[0] ?? 0
  const perSecond = (texts.length * 1000) / (performance.now() - startedAtMs)
  // The sum is used, so that no compiler may leave the work out.
  if (Number.isNaN(sum)) throw new Error('A vector holds what is no number.')
  return perSecond
}

const sizeOf = async (name: string): Promise<number> =>
  (await stat(join(embeddingFolder, name))).size / 1e6
