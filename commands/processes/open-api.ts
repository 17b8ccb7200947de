import { createApp } from '../../api/app.js'
import { type ApiServer, listen } from '../../api/http/server.js'
import type { TunnelInput } from '../../api/live/tunnel.js'
import { packageVersion } from '../../config/package.js'
import type { Dependencies } from './dependencies.js'
import type { Lifecycle } from './lifecycle.js'
import { signatures } from './open-gateway.js'
import type { OpenSubjects } from './open-subjects.js'

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
