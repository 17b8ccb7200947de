import type { Config } from '../config/load-config.js'
import { ensureTemporalCli } from './one-machine/temporal-binary.js'

/**
 * Brings the Temporal server that a start will need, beside the first build.
 *
 * @throws TemporalCliUnavailableError
 */
export async function fetchTemporal({ cacheDir, searchPath, temporal }: Config): Promise<void> {
  if (temporal.kind === 'server') return
  await ensureTemporalCli({ cacheDir, path: searchPath, onProgress: () => undefined })
}
