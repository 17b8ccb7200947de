const maxInt4 = 2 ** 31 - 1

/** Whether a number can be a row's id: PostgreSQL would fail on one that is no integer of its own. */
export const isRowId = (id: number): boolean => Number.isInteger(id) && id > 0 && id <= maxInt4
