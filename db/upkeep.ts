import type { OpenDatabase } from './database.js'

/**
 * What a PostgreSQL server does for itself in the background and an embedded one, which has one session and no other
 * process, never does: checkpoints, so that the log stays small; vacuum, so that the room of old versions of a row is
 * used again; and analyse, for a plan that was made when its table was empty stays until then.
 */
export interface Upkeep {
  /** Looks once, and does what is due. */
  run(): Promise<void>
  /** Waits for what is under way. */
  stop(): Promise<void>
}

export type UpkeepTask = 'checkpoint' | 'vacuum' | 'analyze'

export interface UpkeepInput {
  readonly database: Pick<OpenDatabase, 'pool'>
  /** Told of each piece: what it was and how many seconds everything else waited for it. */
  readonly onDone: (task: UpkeepTask, seconds: number) => void
  readonly onError: (error: unknown) => void
  /** How often it looks. */
  readonly everyMs?: number
}

const defaultEveryMs = 2_000
/** The log keeps three segments of 16 MB when it is written to disk this often. */
const checkpointBytes = 16 * 1024 ** 2
/** Until so much is written nothing is worth a look. */
const lookBytes = 256 * 1024

/** As a server's own settings have it: a fifth of the table, and a few rows so that a small one isn't done all the time. */
const vacuumShare = 0.2
const vacuumRows = 500
/** Sooner than a server's: a plan for an empty table is wrong from some hundred rows on. */
const analyzeShare = 0.2
const analyzeRows = 100

interface TableState {
  readonly name: string
  readonly needsVacuum: boolean
  readonly needsAnalyze: boolean
}

/** Begins to look after an embedded database, in pieces that are short, one in each look. */
export function startUpkeep(input: UpkeepInput): Upkeep {
  const { database, onDone, onError, everyMs = defaultEveryMs } = input
  const { pool } = database
  let checkpointedAt = 0
  let lookedAt = 0
  let underWay: Promise<void> | undefined

  const doTask = async (task: UpkeepTask, statement: string): Promise<void> => {
    const began = performance.now()
    await pool.query(statement)
    onDone(task, (performance.now() - began) / 1_000)
  }

  const look = async (): Promise<void> => {
    const { rows } = await pool.query<{ written: string }>(
      `select pg_current_wal_insert_lsn() - '0/0'::pg_lsn as written`,
    )
    const written = Number(rows[0]?.written)
    if (written - lookedAt < lookBytes) return
    if (written - checkpointedAt >= checkpointBytes) {
      await doTask('checkpoint', 'checkpoint')
      checkpointedAt = written
    }
    const due = await findDueTables(pool)
    const [table, ...others] = due
    if (table?.needsVacuum === true) await doTask('vacuum', `vacuum (analyze) ${table.name}`)
    else if (table !== undefined) await doTask('analyze', `analyze ${table.name}`)
    if (others.length === 0) lookedAt = written
  }

  const run = (): Promise<void> => {
    underWay ??= look()
      .catch(onError)
      .finally(() => (underWay = undefined))
    return underWay
  }
  const timer = setInterval(() => void run(), everyMs)
  timer.unref()
  return {
    run,
    stop: async () => {
      clearInterval(timer)
      await underWay
    },
  }
}

/** Tables that need something, the one that needs it most first. What was never analysed counts as empty. */
async function findDueTables(pool: OpenDatabase['pool']): Promise<TableState[]> {
  await pool.query('select pg_stat_force_next_flush()')
  const { rows } = await pool.query<TableState>(`
    select format('%I.%I', schemaname, relname) as name,
      n_dead_tup > ${vacuumRows} + ${vacuumShare} * known as "needsVacuum",
      greatest(n_mod_since_analyze, 0) > ${analyzeRows} + ${analyzeShare} * known as "needsAnalyze"
    from (
      select schemaname, stats.relname, n_dead_tup, n_mod_since_analyze, greatest(reltuples, 0) as known
      from pg_stat_user_tables as stats join pg_class on pg_class.oid = relid
    ) as tables
    where n_dead_tup > ${vacuumRows} + ${vacuumShare} * known
      or n_mod_since_analyze > ${analyzeRows} + ${analyzeShare} * known
    order by n_dead_tup + n_mod_since_analyze desc`)
  return rows
}
