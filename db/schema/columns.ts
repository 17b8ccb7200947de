import type { ColumnType } from 'kysely'

/** A column that has a default. */
export type Defaulted<T> = ColumnType<T, T | undefined, T>
