import type { Compilable, CompiledQuery, Kysely, Transaction } from 'kysely'
import type { Database } from './schema/database.js'

/** Stands where an argument will. */
class Slot {
  constructor(readonly index: number) {}
}

/**
 * Compiles a query at its first use; later uses only put in their values. For the few queries of
 * every run: building and compiling one took as long as PostgreSQL takes to run it.
 *
 * @param build gives the query with its arguments as values alone: it must not look at them
 */
export function compileOnce<Args extends readonly unknown[], Row>(
  build: (db: Kysely<Database>, ...args: Args) => Compilable<Row>,
): (db: Kysely<Database> | Transaction<Database>, ...args: Args) => CompiledQuery<Row> {
  let compiled: CompiledQuery<Row> | undefined
  return (db, ...args) => {
    const slots = args.map((_, index) => new Slot(index))
    compiled ??= build(db, ...(slots as unknown as Args)).compile()
    return {
      ...compiled,
      parameters: compiled.parameters.map((value) =>
        value instanceof Slot ? args[value.index] : value,
      ),
    }
  }
}
