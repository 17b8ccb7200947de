import type { Config } from '../../config/load-config.js'
import type { Lifecycle } from '../processes/lifecycle.js'
import { ensureTemporalCli } from './temporal-binary.js'
import { startTemporalServer } from './temporal-server.js'

export interface Temporal {
  /** host:port of the gRPC frontend. */
  readonly address: string
  /** Of the Web UI, where this process runs it. */
  readonly uiUrl: string | undefined
}

/** The Temporal server that the settings name, or else one that runs as a child of this process. */
export async function openTemporal(
  lifecycle: Lifecycle,
  config: Config,
  say: (line: string) => void,
): Promise<Temporal> {
  const { temporal } = config
  if (temporal.kind === 'server') return { address: temporal.address, uiUrl: undefined }
  const binary = await ensureTemporalCli({
    cacheDir: config.cacheDir,
    path: config.searchPath,
    onProgress: say,
  })
  say('Starting the Temporal server…')
  const server = await startTemporalServer({
    binary,
    dataDir: config.dataDir,
    port: temporal.port,
    uiPort: temporal.uiPort,
    namespace: config.temporalNamespace,
    codecEndpoint: `http://localhost:${config.port}/codec`,
    log: say,
  })
  return lifecycle.opened('Temporal server', server, () => server.stop())
}
