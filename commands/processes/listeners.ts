import { createOriginRules } from '../../api/access/origin.js'
import { createApp } from '../../api/app.js'
import { type ApiServer, listen } from '../../api/http/server.js'
import { type Gateway, startGateway } from '../../api/live/gateway.js'
import type { CreateChannel } from '../../api/live/socket-channel.js'
import { createStateFeed } from '../../api/live/state-feed.js'
import type { TunnelInput } from '../../api/live/tunnel.js'
import { createRunSource } from '../../api/routes/runs/run-source.js'
import type { ServedSubject } from '../../api/subject.js'
import type { Config } from '../../config/load-config.js'
import { packageVersion } from '../../config/package.js'
import { createKeyedHash, type KeyedHash } from '../../db/key-ring.js'
import type { Dependencies } from './dependencies.js'
import type { Lifecycle } from './lifecycle.js'
import type { OpenSubjects } from './subjects.js'

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
const signatures = ({ secrets }: Pick<Config, 'secrets'>): KeyedHash[] =>
  secrets.signing.map((secret) => createKeyedHash(secret))

export interface OpenApiInput extends OpenSubjects {
  /** Where the tunnel leads; undefined where a proxy passes sockets on. */
  readonly findGatewayPort: (() => number) | undefined
}

/** Serves the subjects' routes, and their description. */
export async function openApi(
  lifecycle: Lifecycle,
  dependencies: Dependencies,
  { access, served, findGatewayPort }: OpenApiInput,
): Promise<ApiServer> {
  const { config, subjects } = dependencies
  const errors = subjects.map((subject) => subject.errors)
  const server = await listen({
    app: createApp({ ...dependencies, access, errors, served, version: packageVersion }),
    host: config.host,
    port: config.port,
    tunnel: findGatewayPort && describeTunnel(dependencies, findGatewayPort),
  })
  return lifecycle.opened('API', server, () => server.close())
}

function describeTunnel(
  { config }: Dependencies,
  findGatewayPort: () => number,
): TunnelInput | undefined {
  const [sign] = signatures(config)
  return (
    sign && {
      // Asked for at each handshake: the API opens before the gateway, because it must close after it.
      get gatewayPort() {
        return findGatewayPort()
      },
      sign,
      trustedProxies: config.trustedProxies,
    }
  )
}
