#!/usr/bin/env node
import { existsSync, realpathSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { config as readEnvFile } from 'dotenv'
import { ConfigError } from './config/values.js'
import { loadConfig } from './config/load-config.js'
import { type TaskQueue, taskQueueNames } from './workflows/task-queues.js'

const usage = `Usage: triagem COMMAND

  start                     everything on this machine
      --new-temporal-file   set Temporal's file aside, as a damaged one must be; open runs begin again
  api | gateway | worker    one part of the cluster form
      worker --queue NAME   serve only this queue (${taskQueueNames.join(', ')}); may be repeated
  migrate                   bring the cluster form's database up to date
  user COMMAND              keep accounts, running or not: list, add, password, role, scopes, disable, enable, sign-out
  key                       print a new key for API_KEYS
  evaluate TASK [FILE]      say how good a model is, on a file of labelled texts or the examples that ship
  train TASK FILE           learn a model from a file, evaluate it, keep it; --promote makes it the current one
`

const say = (line: string) => console.log(line)
const tell = (line: string) => console.error(line)

/** @returns the exit code */
export async function main(args: readonly string[]): Promise<number> {
  const [command = '', ...rest] = args
  try {
    return await run(command, rest)
  } catch (error) {
    console.error(describe(error))
    return 1
  }
}

async function run(command: string, rest: string[]): Promise<number> {
  switch (command) {
    case 'start': {
      const { runStart } = await import('./commands/start.js')
      const { values } = parseArgs({
        args: rest,
        options: { 'new-temporal-file': { type: 'boolean' } },
      })
      await runStart(readConfig(), say, { newTemporalFile: values['new-temporal-file'] })
      return 0
    }
    case 'api':
    case 'gateway':
    case 'worker':
    case 'migrate': {
      const { runApi, runGateway, runMigrate, runWorker } = await import('./commands/serve.js')
      const config = readConfig()
      if (command === 'api') await runApi(config, say)
      else if (command === 'gateway') await runGateway(config, say)
      else if (command === 'worker') await runWorker(config, say, readQueues(rest))
      else await runMigrate(config, say)
      return 0
    }
    case 'user': {
      const { runUser } = await import('./commands/user.js')
      const { readPassword } = await import('./commands/read-password.js')
      await runUser({ config: readConfig(), args: rest, say, readPassword })
      return 0
    }
    case 'key': {
      const { runKey } = await import('./commands/key.js')
      runKey(rest, say)
      return 0
    }
    case 'evaluate':
    case 'train':
      return await runModels(command, rest)
    // Not for users: the second half of the build, which start.mjs runs after tsc.
    case 'fetch-temporal': {
      const { fetchTemporal } = await import('./commands/fetch-temporal.js')
      await fetchTemporal(readConfig())
      return 0
    }
    case 'build-assets': {
      const { buildAssets } = await import('./commands/build-assets.js')
      await buildAssets(say)
      return 0
    }
    default:
      console.error(usage)
      return command === '' || command === 'help' || command === '--help' ? 0 : 2
  }
}

async function runModels(command: 'evaluate' | 'train', args: string[]): Promise<number> {
  if (command === 'train' && args.join() === 'email') {
    const { runTrain } = await import('./commands/train.js')
    await runTrain(say)
    return 0
  }
  const { runModelCommand } = await import('./commands/models/run-model-command.js')
  const { runEvaluate } = await import('./commands/evaluate.js')
  const { runTrainFile } = await import('./commands/train-file.js')
  const run = command === 'evaluate' ? runEvaluate : runTrainFile
  // Standard output is for the results alone: --json is read by programs.
  return await runModelCommand(run, { args, say, tell, readConfig: () => readConfig(tell) })
}

/** Settings come from the environment; `.env` fills in what it doesn't say. */
function readConfig(sayUnneeded = say) {
  const fromFile = existsSync('.env')
    ? (readEnvFile({ processEnv: {}, quiet: true }).parsed ?? {})
    : {}
  // eslint-disable-next-line no-restricted-properties -- the one place that hands the environment to loadConfig()
  const config = loadConfig({ ...fromFile, ...process.env })
  if (config.unneeded.length > 0)
    sayUnneeded(`Not needed here and left unread: ${config.unneeded.join(', ')}.`)
  return config
}

function readQueues(args: string[]): TaskQueue[] {
  const { values } = parseArgs({ args, options: { queue: { type: 'string', multiple: true } } })
  const names = values.queue ?? [...taskQueueNames]
  return names.map((name) => {
    const queue = taskQueueNames.find((known) => known === name)
    if (queue === undefined)
      throw new ConfigError(`--queue ${name} is not known: ${taskQueueNames.join(' or ')}.`)
    return queue
  })
}

/** One sentence for what an operator can mend; a stack for what is a defect of ours. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.name === 'TypeError' || error.name === 'ReferenceError'
    ? (error.stack ?? error.message)
    : error.message
}

/** npm's `triagem` is a link to this file. */
const isRunDirectly =
  process.argv[1] !== undefined &&
  import.meta.url === pathToFileURL(realpathSync(process.argv[1])).href

if (isRunDirectly) {
  // Whoever reads no further (`| head`) has seen enough.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0)
    throw error
  })
  process.exit(await main(process.argv.slice(2)))
}
