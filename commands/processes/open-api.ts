import { createPayloadCodec } from '../../services/adapters/payload-codec.js'
import { checkTemporal } from '../../services/adapters/temporal-health.js'
import { createRunService, type RunService } from '../../services/runs/run-service.js'
import { createApp } from '../../api/app.js'
import { type Gateway, startGateway } from '../../api/live/gateway.js'
import { createRunSource } from '../../api/routes/runs/run-source.js'
import { createRunSocket } from '../../api/routes/runs/run-socket.js'
import type { CreateChannel } from '../../api/live/socket-channel.js'
import { createStateFeed } from '../../api/live/state-feed.js'
import { createJobSocket } from '../../api/routes/email-classification/job-socket.js'
import { createMailFeed } from '../../api/routes/internal-mail/mail-socket.js'
import { createOriginRules } from '../../api/access/origin.js'
import { type ApiServer, listen } from '../../api/http/server.js'
import type { SocketImplementation } from '../../api/live/sockets/create-socket-server.js'
import { createKeyedHash, type KeyedHash } from '../../db/key-ring.js'
import { type Dependencies, runsTaskQueue } from './dependencies.js'
import { openAccounts, openMessages, openTokens } from './open-accounts.js'
import { openModelService } from './open-models.js'
import { packageVersion } from '../../config/package-version.js'

/**
 * @param gateway where the tunnel leads; undefined where a proxy does that
 * @param localKey with which this machine's own command line may do all; undefined where there is none
 */
export async function openApi(
  dependencies: Dependencies,
  gateway: { port: number; implementation?: SocketImplementation } | undefined,
  localKey?: string,
): Promise<ApiServer> {
  const { client, config, database, keys, hash, log, metrics } = dependencies
  const app = createApp({
    config,
    version: packageVersion,
    log,
    database,
    keys,
    hash,
    metrics,
    runs: openRunService(dependencies),
    kinds: dependencies.kinds,
    findKind: dependencies.findKind,
    accounts: openAccounts(dependencies),
    messages: openMessages(dependencies),
    models: await openModelService(dependencies),
    ...(localKey === undefined ? {} : { localKey }),
    sockets: gateway?.implementation,
    codec: createPayloadCodec(keys),
    origins: createOriginRules(config),
    checkTemporal: () => checkTemporal(client, config.temporalNamespace, runsTaskQueue),
  })
  const [sign] = signatures(dependencies)
  const tunnel =
    gateway === undefined || sign === undefined
      ? undefined
      : { gatewayPort: gateway.port, sign, trustedProxies: config.trustedProxies }
  return await listen({ app, host: config.host, port: config.port, tunnel })
}

/** @param host loopback where only the tunnel leads there */
export async function openGateway(dependencies: Dependencies, host: string): Promise<Gateway> {
  const { config, database, log, metrics } = dependencies
  return await startGateway({
    host,
    port: config.gatewayPort,
    log,
    database,
    channels: listChannels(dependencies),
    origins: createOriginRules(config),
    metrics,
    signatures: signatures(dependencies),
    trustedProxies: config.trustedProxies,
    socketsPerAddress: config.socketsPerAddress,
  })
}

/** Every socket that there is: one state feed with a view for each kind, and one event feed for each kind of list. */
function listChannels(dependencies: Dependencies): readonly CreateChannel[] {
  const { config, database, findKind, keys, log, runner } = dependencies
  const { db } = database
  const runs = openRunService(dependencies)
  return [
    (publish) =>
      createStateFeed({
        source: createRunSource({ db, keys, runner, findKind }),
        views: [createJobSocket({ runs }), createRunSocket({ findKind, runs })],
        log,
        publish,
      }),
    () =>
      createMailFeed({
        db,
        keys,
        log,
        tokens: openTokens(config),
        maxOpeningsPerMinute: config.mailSocketsPerMinute,
      }),
  ]
}

function openRunService({ database, findKind, runner, log }: Dependencies): RunService {
  return createRunService({
    db: database.db,
    findKind,
    runner,
    onUnheardCancel: (error) =>
      log.warn({ err: error }, 'A workflow could not be told of a cancel.'),
  })
}

const signatures = ({ config }: Dependencies): KeyedHash[] =>
  config.secrets.signing.map((secret) => createKeyedHash(secret))
