import { type Selectable, sql, type Transaction } from 'kysely'
import type { Db } from './database.js'
import { stackPromotions } from './promotion-stack.js'
import type { Database } from './schema/database.js'
import type { ModelsTable } from './schema/models.js'

/** Channel of NOTIFY: `{task}` has another current model. A hint: the table is the truth. */
export const modelsChannel = 'models'

/** A model without its bytes. */
export type ModelRow = Omit<Selectable<ModelsTable>, 'bytes'>

/** What is current: a stored model, or the default that ships (null). */
export interface CurrentModelRow {
  readonly id: number
  readonly version: string
}

export interface Promotion {
  readonly id: number
  readonly promotedBy: string
}

const columns = ['id', 'task', 'version', 'card', 'problem', 'created_at'] as const

/** Of the same task and version there is another model already. */
export class ModelVersionTakenError extends Error {
  override readonly name = 'ModelVersionTakenError'
  constructor(task: string, version: string) {
    super(
      `There is a model ${version} of ${task} already, made of the same examples: use that one.`,
    )
  }
}

/**
 * Stores a model, or finds it: the same bytes under the same task and version are one model.
 *
 * @throws ModelVersionTakenError
 */
export async function addModel(
  db: Db,
  model: {
    readonly task: string
    readonly version: string
    readonly card: object
    readonly bytes: Buffer
  },
): Promise<number> {
  const { task, version, card, bytes } = model
  const added = await db
    .insertInto('models')
    .values({ task, version, card: JSON.stringify(card), bytes })
    .onConflict((conflict) => conflict.columns(['task', 'version']).doNothing())
    .returning('id')
    .executeTakeFirst()
  if (added !== undefined) return added.id
  const same = await db
    .selectFrom('models')
    .select('id')
    .where('task', '=', task)
    .where('version', '=', version)
    .where('bytes', '=', bytes)
    .executeTakeFirst()
  if (same === undefined) throw new ModelVersionTakenError(task, version)
  return same.id
}

/** In the order of their making. */
export async function listModels(db: Db): Promise<ModelRow[]> {
  return await db.selectFrom('models').select(columns).orderBy('id').execute()
}

export async function findModel(db: Db, id: number): Promise<ModelRow | undefined> {
  return await db.selectFrom('models').select(columns).where('id', '=', id).executeTakeFirst()
}

export async function findModelBytes(db: Db, id: number): Promise<Buffer | undefined> {
  const row = await db.selectFrom('models').select('bytes').where('id', '=', id).executeTakeFirst()
  return row?.bytes
}

/** Says why a model can't be loaded, or (null) that it can. Written only where that is news. */
export async function recordModelProblem(
  db: Db,
  id: number,
  problem: string | null,
): Promise<void> {
  await db
    .updateTable('models')
    .set({ problem })
    .where('id', '=', id)
    .where('problem', 'is distinct from', problem)
    .execute()
}

/** @returns undefined where the default that ships is current, or there is none at all */
export async function findCurrentModel(
  db: Db | Transaction<Database>,
  task: string,
): Promise<CurrentModelRow | undefined> {
  return await db
    .selectFrom('model_promotions')
    .innerJoin('models', 'models.id', 'model_promotions.model_id')
    .select(['models.id', 'models.version'])
    .where('model_promotions.id', '=', (eb) =>
      eb
        .selectFrom('model_promotions')
        .select(eb.fn.max('id').as('newest'))
        .where('task', '=', task),
    )
    .executeTakeFirst()
}

/**
 * Makes a model the current one of its task and tells every process in the same transaction. What is
 * current already stays so, without another row.
 *
 * @returns false where there is no such model
 */
export async function promoteModel(db: Db, { id, promotedBy }: Promotion): Promise<boolean> {
  return await db.transaction().execute(async (trx) => {
    const task = await lockPromotions(trx, id)
    if (task === undefined) return false
    if ((await findCurrentModel(trx, task))?.id === id) return true
    await insertPromotion(trx, { task, model_id: id, kind: 'promote', promoted_by: promotedBy })
    return true
  })
}

/**
 * Makes current again what was so before this model was promoted: each rollback takes back the newest
 * promotion that none has taken back yet.
 *
 * @param hasDefault whether a model ships for the task: where none does the first one can't be taken back
 * @returns the id of what is current now, null for the default; or why nothing was changed
 */
export async function rollbackModel(
  db: Db,
  { id, promotedBy }: Promotion,
  hasDefault: (task: string) => boolean,
): Promise<
  | { readonly task: string; readonly current: number | null }
  | 'missing'
  | 'not_current'
  | 'nothing_before'
> {
  return await db.transaction().execute(async (trx) => {
    const task = await lockPromotions(trx, id)
    if (task === undefined) return 'missing'
    const rows = await trx
      .selectFrom('model_promotions')
      .select(['model_id', 'kind'])
      .where('task', '=', task)
      .orderBy('id')
      .execute()
    const stack = stackPromotions(rows)
    if (stack.at(-1) !== id) return 'not_current'
    const current = stack.at(-2) ?? null
    if (current === null && !hasDefault(task)) return 'nothing_before'
    await insertPromotion(trx, {
      task,
      model_id: current,
      kind: 'rollback',
      promoted_by: promotedBy,
    })
    return { task, current }
  })
}

/** Of two who promote at once the second sees what the first did. @returns the model's task */
async function lockPromotions(trx: Transaction<Database>, id: number): Promise<string | undefined> {
  await sql`lock table model_promotions in exclusive mode`.execute(trx)
  const row = await trx.selectFrom('models').select('task').where('id', '=', id).executeTakeFirst()
  return row?.task
}

async function insertPromotion(
  trx: Transaction<Database>,
  row: {
    task: string
    model_id: number | null
    kind: 'promote' | 'rollback'
    promoted_by: string
  },
): Promise<void> {
  await trx.insertInto('model_promotions').values(row).execute()
  await sql`select pg_notify(${modelsChannel}, ${JSON.stringify({ task: row.task })})`.execute(trx)
}
