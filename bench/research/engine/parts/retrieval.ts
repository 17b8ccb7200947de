import { z } from 'zod'
import { round } from '../../../support/report.js'
import { splitForRetrieval, readBanking } from '../data/banking.js'
import { type BenchRow, thin } from '../data/bench-row.js'
import { parseJsonLines } from '../json-lines.js'
import { splitRows, writeLines } from '../rows-file.js'
import type { PartReport, Setting } from '../setting.js'

const aim = 0.05
const nearest = 5

interface Recall {
  /** Shares of the questions with one of their intent among the first 1 and 5 found. */
  readonly first: number
  readonly five: number
}

/** Questions that the embedding was not fitted on, each looking for another of its intent. */
export async function measureRetrieval(setting: Setting): Promise<PartReport> {
  const split = splitForRetrieval(await readBanking(setting.shared))
  const asked = thin(split.asked, setting.maxRows)
  const searched = thin(split.searched, setting.maxRows)
  const ours = recall(setting.embedding, asked, searched)
  const peers = await recallOfPeers(setting, asked, searched)
  const best = peers.reduce((left, right) => (right.first > left.first ? right : left))
  const row = (name: string, { first, five }: Recall) => [name, first.toFixed(4), five.toFixed(4)]
  return {
    table: [
      ['search', 'R@1', 'R@5'],
      row('embedding', ours),
      ...peers.map((peer) => row(peer.name, peer)),
    ],
    notes: [
      `${asked.length} rows of banking77’s train part that were left out of the embedding’s fit (the rule is in its data card) searched among the other ${searched.length}, which were in it; by cosine, a hit where the intent is the same.`,
      'Peer: scikit-learn’s TfidfVectorizer of char_wb 2-5, accents stripped, fitted on the searched texts; the better of sublinear and plain counts.',
    ],
    ratios: [
      {
        name: 'R@1 less the peer’s',
        value: round(ours.first - best.first, 4),
        op: '>=',
        aim,
      },
    ],
    figures: {
      'R@1': round(ours.first, 4),
      'R@5': round(ours.five, 4),
      'peer R@1': round(best.first, 4),
      'peer R@5': round(best.five, 4),
    },
  }
}

function recall(
  embedding: Setting['embedding'],
  asked: readonly BenchRow[],
  searched: readonly BenchRow[],
): Recall {
  const vectors = searched.map(({ sample }) => embedding.embed(sample.text))
  let first = 0
  let five = 0
  for (const { sample } of asked) {
    const found = findNearest(embedding.embed(sample.text), vectors)
    const hits = found.map((at) => searched[at]?.sample.label === sample.label)
    if (hits[0] === true) first++
    if (hits.includes(true)) five++
  }
  return { first: first / asked.length, five: five / asked.length }
}

/** The places of the five of the greatest cosine; of equal ones the first. */
function findNearest(vector: Float32Array, vectors: readonly Float32Array[]): readonly number[] {
  const found: { readonly at: number; readonly cosine: number }[] = []
  vectors.forEach((other, at) => {
    let cosine = 0
    for (let i = 0; i < vector.length; i++) cosine += (vector[i] ?? 0) * (other[i] ?? 0)
    const place = found.findIndex((one) => cosine > one.cosine)
    if (place < 0 && found.length === nearest) return
    found.splice(place < 0 ? found.length : place, 0, { at, cosine })
    if (found.length > nearest) found.pop()
  })
  return found.map(({ at }) => at)
}

const recallSchema = z.object({ sublinear: z.boolean(), first: z.number(), five: z.number() })

async function recallOfPeers(
  { python, workFolder }: Setting,
  asked: readonly BenchRow[],
  searched: readonly BenchRow[],
): Promise<readonly (Recall & { readonly name: string })[]> {
  const file = await writeLines(workFolder, splitRows(searched, asked))
  return parseJsonLines(recallSchema, await python.run('retrieval.py', file)).map((one) => ({
    ...one,
    name: `char_wb TF-IDF, ${one.sublinear ? 'sublinear' : 'plain'} counts`,
  }))
}
