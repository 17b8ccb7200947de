import { createOriginRules } from '../../api/access/origin.js'
import { type Gateway, startGateway } from '../../api/live/gateway.js'
import type { Config } from '../../config/load-config.js'
import { createKeyedHash, type KeyedHash } from '../../db/key-ring.js'
import { createJobService } from '../../services/runs/job-service.js'
import type { Dependencies } from './dependencies.js'
import type { Lifecycle } from './lifecycle.js'
import { openTokens } from './open-accounts.js'

/** @param host loopback where only the tunnel leads there */
export async function openGateway(
  lifecycle: Lifecycle,
  dependencies: Dependencies,
  host: string,
): Promise<Gateway> {
  const { config, database, keys, log, metrics, runner } = dependencies
  const gateway = await startGateway({
    host,
    port: config.gatewayPort,
    log,
    database,
    keys,
    runner,
    jobs: createJobService({
      db: database.db,
      keys,
      runner,
      onUnheardCancel: (error) =>
        log.warn({ err: error }, 'A workflow could not be told of a cancel.'),
    }),
    tokens: openTokens(config),
    origins: createOriginRules(config),
    metrics,
    signatures: signatures(config),
    trustedProxies: config.trustedProxies,
    socketsPerAddress: config.socketsPerAddress,
    mailSocketsPerMinute: config.mailSocketsPerMinute,
  })
  return lifecycle.opened('gateway', gateway, () => gateway.close())
}

/** The API's tunnel signs with the first, the gateway knows them all. */
export const signatures = ({ secrets }: Pick<Config, 'secrets'>): KeyedHash[] =>
  secrets.signing.map((secret) => createKeyedHash(secret))
