import type { Config } from '../../config/load-config.js'
import { isLoopback } from '../../config/values.js'

export type OriginSettings = Pick<
  Config,
  'allowedHosts' | 'allowedOrigins' | 'temporalUiOrigins' | 'debug'
>

/** Which names we answer to and which pages may call us; asked by HTTP requests and sockets alike. */
export interface OriginRules {
  /** A DNS name that was pointed at us must not speak as if it were us (DNS rebinding). */
  isOurHost(host: string | undefined): boolean
  /** May a page of this origin change something or open a socket? @param origin undefined where there is none */
  mayChange(origin: string | undefined, host: string | undefined): boolean
  /** May a page of this origin read our answers (CORS)? */
  mayRead(origin: string): boolean
  /** The Temporal UI's own pages, for the codec alone. */
  isTemporalUi(origin: string): boolean
}

export function createOriginRules(settings: OriginSettings): OriginRules {
  const isAllowed = (origin: string) =>
    settings.allowedOrigins.includes(origin) ||
    (settings.debug && URL.canParse(origin) && isLoopback(new URL(origin).hostname))
  return {
    isOurHost: (host) => {
      const name = host === undefined ? undefined : hostName(host)
      return name !== undefined && (isLoopback(name) || settings.allowedHosts.includes(name))
    },
    // No Origin: a script, which carries no person's cookies. `null`: a page that hides where it is from.
    mayChange: (origin, host) =>
      origin === undefined || isAllowed(origin) || isSameHost(origin, host),
    mayRead: isAllowed,
    isTemporalUi: (origin) => settings.temporalUiOrigins.includes(origin),
  }
}

/** Our own pages (the docs): their origin is the host that was called, which isOurHost() has checked. */
function isSameHost(origin: string, host: string | undefined): boolean {
  if (host === undefined || !URL.canParse(origin)) return false
  return new URL(origin).host === host.toLowerCase()
}

function hostName(host: string): string | undefined {
  if (!URL.canParse(`http://${host}`)) return undefined
  const { hostname, username, pathname } = new URL(`http://${host}`)
  return username === '' && pathname === '/' ? hostname : undefined
}
