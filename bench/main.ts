import { runBcrypt } from './bcrypt.js'
import { runEngine } from './research/engine.js'
import { runEngineApi } from './engine-api.js'
import { runFanout } from './fanout.js'
import { runDisk } from './disk.js'
import { runGrowth } from './growth.js'
import { runLatency } from './latency.js'
import { runMailLatency } from './mail-latency.js'
import { runMailLoad } from './mail-load.js'
import { runOverload } from './overload.js'
import { runPdf } from './pdf.js'
import { runStart } from './start.js'
import type { BenchReport, BenchSummary } from './support/report.js'
import { publish } from './support/publish.js'
import { BenchSetUpError } from './support/set-up-error.js'
import { closeOnSignal } from './support/with-cleanup.js'
import { runThroughput } from './throughput.js'

/** Takes a bench's own options; gives what it measured. */
type Bench = (args: string[]) => Promise<BenchReport | BenchSummary>

/** Each proves a change of the product: its ratios have an aim. */
const proofs: Readonly<Record<string, Bench>> = {
  latency: runLatency,
  throughput: runThroughput,
  fanout: runFanout,
  start: runStart,
  'mail-latency': runMailLatency,
  'mail-load': runMailLoad,
  bcrypt: runBcrypt,
  'engine-api': runEngineApi,
  growth: runGrowth,
  disk: runDisk,
  overload: runOverload,
  pdf: runPdf,
}

/** Each compares ways to build the engine; no change of the product waits for it. */
const research: Readonly<Record<string, Bench>> = { engine: runEngine }

const benches: Readonly<Record<string, Bench>> = { ...proofs, ...research }

const usage = `Usage: npm run bench -- NAME [options]

What proves a change:
  latency       POST to the final frame, one at a time   --jobs 200 --form one-machine|cluster|both --profile DIR
  throughput    many jobs, 50 at a time                  --jobs 2000 --at-once 50 --form … --profile DIR
  fanout        many sockets on one job                  --sockets 2000 --updates 100 --rounds 3
  start         warm npm start to health 200, memory     --starts 5
  mail-latency  POST of a message to its event           --messages 1000 --users 500 --form … --profile DIR
  mail-load     as many messages as it takes             --seconds 30 --users 1000 --at-once 32 --form … --profile DIR
  bcrypt        posting beside logins                    --seconds 40 --logins 5 --form … --profile DIR
  growth        what stored jobs cost new ones           --rows 100000
  disk          a soak; what is kept stops growing       --jobs 20000
  overload      twice what the product can take          --seconds 60
  engine-api    posting beside a batch of texts          --rows 100000 --rounds 3 --shared DIR --profile DIR
  pdf           small PDFs in kept readers, behind slow  --rounds 5 --files 10 --slow 20

Research on the engine (bench/research/), no part of a change's proof:
  engine        the text engine beside scikit-learn      --only banking77,clinc150,ceaps,spamassassin,personal,
                                                         out-of-scope,embed,retrieval,speed,mail,mail-curve
                                                         --shared DIR --python PROGRAM --rounds 3 --rows N
`

/** @returns the exit code: 0 when the bench ran, whatever it measured */
export async function main(args: readonly string[]): Promise<number> {
  const [name = '', ...options] = args
  const bench = Object.hasOwn(benches, name) ? benches[name] : undefined
  if (bench === undefined) {
    console.error(usage)
    return 2
  }
  try {
    await closeOnSignal(async () => publish(await bench(options)))
    return 0
  } catch (error) {
    if (error instanceof BenchSetUpError) console.error(error.message)
    else console.error(error instanceof Error ? (error.stack ?? error.message) : error)
    return 1
  }
}
