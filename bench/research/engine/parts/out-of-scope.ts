import { z } from 'zod'
import { type Ratio, round } from '../../../support/report.js'
import { type BenchRow, thin } from '../data/bench-row.js'
import { type Clinc, readClinc } from '../data/clinc.js'
import { parseJsonLines } from '../json-lines.js'
import { learn } from '../judge.js'
import { type Look, lookAt } from '../look.js'
import { countRejected } from '../reject.js'
import { splitRows, writeLines } from '../rows-file.js'
import type { PartReport, Setting } from '../setting.js'

const rejectedShare = 0.05
/** The costs of the logistic regression: its default, and a closer fit. */
const costs = [1, 10] as const

/** The first is what the product says; the others tell whether it could do better. */
const measures = [
  'confidence',
  'share',
  'best',
  'margin',
  'familiarity',
] as const satisfies (keyof Look)[]
const productMeasure = 'confidence'

interface Rejected {
  readonly name: string
  /** Of the out-of-scope texts of the validation part, and of those of both parts. */
  readonly validation: number
  readonly both: number
}

/** Measures how many out-of-scope texts are rejected where 5 % of the in-scope texts are. */
export async function measureOutOfScope(setting: Setting): Promise<PartReport> {
  const clinc = await readClinc(setting.shared)
  const train = thin(clinc.train, setting.maxRows)
  const validation = thin(clinc.validation, setting.maxRows)
  const asked = [...validation, ...clinc.outOfScope]
  const count = (name: string, sure: readonly number[]): Rejected => {
    const own = sure.slice(0, validation.length)
    const outOfScope = sure.slice(validation.length)
    const ofValidation = outOfScope.slice(0, clinc.outOfScopeValidation)
    return {
      name,
      validation: countRejected(own, ofValidation, rejectedShare),
      both: countRejected(own, outOfScope, rejectedShare),
    }
  }
  const peers = await askPeers(setting, train, asked)
  const ours = [
    { name: 'engine', embedding: setting.embedding },
    { name: 'engine without dense features', embedding: undefined },
  ].flatMap(({ name, embedding }) => {
    const looks = lookAt(learn(name, 'texts', train, embedding).bytes, embedding, asked)
    return measures.map((measure) =>
      count(
        `${name}, ${measure}`,
        looks.map((look) => look[measure]),
      ),
    )
  })
  return report(
    ours,
    peers.map(({ name, sure }) => count(name, sure)),
    clinc,
  )
}

const surenessSchema = z.object({ confidence: z.number() })

async function askPeers(
  { python, workFolder }: Setting,
  train: readonly BenchRow[],
  asked: readonly BenchRow[],
) {
  const file = await writeLines(workFolder, splitRows(train, asked))
  const peers: { readonly name: string; readonly sure: readonly number[] }[] = []
  for (const cost of costs) {
    const name = `LogisticRegression, C=${cost}`
    console.log(`  ${name}…`)
    const printed = await python.run('logistic.py', file, String(cost))
    const sure = parseJsonLines(surenessSchema, printed).map(({ confidence }) => confidence)
    peers.push({ name, sure })
  }
  return peers
}

function report(
  ours: readonly Rejected[],
  peers: readonly Rejected[],
  { outOfScope, outOfScopeValidation }: Clinc,
): PartReport {
  const all = [...ours, ...peers]
  const aimed = ours.filter(({ name }) => name.endsWith(`, ${productMeasure}`))
  const best = (of: 'validation' | 'both') => Math.max(...peers.map((peer) => peer[of]))
  return {
    table: [
      [
        'how sure',
        `rejected of ${outOfScopeValidation} (validation part)`,
        `of ${outOfScope.length} (both parts)`,
      ],
      ...all.map(({ name, validation, both }) => [name, String(validation), String(both)]),
    ],
    notes: [
      'Learned from clinc150’s train part. The bar turns away 5 % of the validation part’s in-scope texts; counted are out-of-scope texts below it. None was learned from by either side, so those of the train part are asked too.',
      'Peer: scikit-learn’s LogisticRegression on the baseline’s features, by its greatest probability; the better of C=1 (its default) and C=10.',
      `Aimed at: ${productMeasure}, which is what a prediction says. Share: the softmax before the calibrating curve; best: the greatest score; margin: less the second; familiarity: the known part of a text.`,
    ],
    ratios: aimed.flatMap(({ name, validation, both }): Ratio[] => [
      {
        name: `${name}: rejected, validation part, less the peer’s`,
        value: validation - best('validation'),
        op: '>=',
        aim: 0,
      },
      {
        name: `${name}: rejected, both parts, less the peer’s`,
        value: round(both - best('both'), 0),
        op: '>=',
        aim: 0,
      },
    ]),
    figures: Object.fromEntries(
      all.flatMap(({ name, validation, both }) => [
        [`${name}: rejected, validation part`, validation],
        [`${name}: rejected, both parts`, both],
      ]),
    ),
  }
}
