import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { z } from 'zod'

export const folderShape = {
  DATA_DIR: z.string().default('./data'),
  XDG_CACHE_HOME: z.string().optional(),
  PATH: z.string().default(''),
}

export interface FolderSettings {
  readonly dataDir: string
  /** Where programs that were fetched are kept from one start to the next. */
  readonly cacheDir: string
  /** Folders with programs, as in PATH. */
  readonly searchPath: string
}

export const readFolders = (e: z.infer<z.ZodObject<typeof folderShape>>): FolderSettings => ({
  dataDir: resolve(e.DATA_DIR),
  cacheDir: join(e.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'triagem'),
  searchPath: e.PATH,
})
