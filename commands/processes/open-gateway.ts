import { createOriginRules } from '../../api/access/origin.js'
import { type Gateway, startGateway } from '../../api/live/gateway.js'
import type { CreateChannel } from '../../api/live/socket-channel.js'
import { createStateFeed } from '../../api/live/state-feed.js'
import { createRunSource } from '../../api/routes/runs/run-source.js'
import type { ServedSubject } from '../../api/subject.js'
import type { Config } from '../../config/load-config.js'
import { createKeyedHash, type KeyedHash } from '../../db/key-ring.js'
import type { Dependencies } from './dependencies.js'
import type { Lifecycle } from './lifecycle.js'

export interface OpenGatewayInput {
  /** Loopback where only the tunnel leads there. */
  readonly host: string
  readonly served: readonly ServedSubject[]
}

export async function openGateway(
  lifecycle: Lifecycle,
  dependencies: Dependencies,
  { host, served }: OpenGatewayInput,
): Promise<Gateway> {
  const { config, database, log, metrics } = dependencies
  const gateway = await startGateway({
    host,
    port: config.gatewayPort,
    log,
    database,
    channels: listChannels(dependencies, served),
    origins: createOriginRules(config),
    metrics,
    signatures: signatures(config),
    trustedProxies: config.trustedProxies,
    socketsPerAddress: config.socketsPerAddress,
  })
  return lifecycle.opened('gateway', gateway, () => gateway.close())
}

/** One state feed for the runs of all subjects, and the channels that subjects have of their own. */
function listChannels(
  { database, findKind, keys, log, runner }: Dependencies,
  served: readonly ServedSubject[],
): readonly CreateChannel[] {
  return [
    (publish) =>
      createStateFeed({
        source: createRunSource({ db: database.db, keys, runner, findKind }),
        views: served.flatMap(({ views }) => views),
        log,
        publish,
      }),
    ...served.flatMap(({ channels }) => channels),
  ]
}

/** The API's tunnel signs with the first, the gateway knows them all. */
export const signatures = ({ secrets }: Pick<Config, 'secrets'>): KeyedHash[] =>
  secrets.signing.map((secret) => createKeyedHash(secret))
