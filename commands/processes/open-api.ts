import { createPayloadCodec } from '../../services/adapters/payload-codec.js'
import { checkTemporal } from '../../services/adapters/temporal-health.js'
import { createJobService, type JobService } from '../../services/runs/job-service.js'
import { createApp } from '../../api/app.js'
import { type Gateway, startGateway } from '../../api/live/gateway.js'
import { createOriginRules } from '../../api/access/origin.js'
import { type ApiServer, listen } from '../../api/http/server.js'
import type { SocketImplementation } from '../../api/live/sockets/create-socket-server.js'
import { createKeyedHash, type KeyedHash } from '../../db/key-ring.js'
import { type Dependencies, jobsTaskQueue } from './dependencies.js'
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
    jobs: openJobService(dependencies),
    accounts: openAccounts(dependencies),
    messages: openMessages(dependencies),
    models: await openModelService(dependencies),
    ...(localKey === undefined ? {} : { localKey }),
    sockets: gateway?.implementation,
    codec: createPayloadCodec(keys),
    origins: createOriginRules(config),
    checkTemporal: () => checkTemporal(client, config.temporalNamespace, jobsTaskQueue),
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
  const { config, database, keys, log, metrics, runner } = dependencies
  return await startGateway({
    host,
    port: config.gatewayPort,
    log,
    database,
    keys,
    runner,
    jobs: openJobService(dependencies),
    tokens: openTokens(config),
    origins: createOriginRules(config),
    metrics,
    signatures: signatures(dependencies),
    trustedProxies: config.trustedProxies,
    socketsPerAddress: config.socketsPerAddress,
    mailSocketsPerMinute: config.mailSocketsPerMinute,
  })
}

function openJobService({ database, keys, runner, log }: Dependencies): JobService {
  return createJobService({
    db: database.db,
    keys,
    runner,
    onUnheardCancel: (error) =>
      log.warn({ err: error }, 'A workflow could not be told of a cancel.'),
  })
}

const signatures = ({ config }: Dependencies): KeyedHash[] =>
  config.secrets.signing.map((secret) => createKeyedHash(secret))
