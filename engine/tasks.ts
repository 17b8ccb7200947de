export const tasks = ['email', 'transactions', 'texts'] as const // email: mail in parts, heads category+topic+language; transactions: description+amount+date; texts: any short texts with a label
export type Task = (typeof tasks)[number]
