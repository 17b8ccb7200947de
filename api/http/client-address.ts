import type { KeyedHash } from '../../db/key-ring.js'

/** Headers by which the API's tunnel tells the gateway on whose behalf it calls. */
export const tunnelHeaders = {
  client: 'x-triagem-client',
  signature: 'x-triagem-signature',
} as const

/** Ties an address to one handshake, so that a header can't be used again or made up. */
export function signClientAddress(sign: KeyedHash, address: string, socketKey: string): string {
  return sign('tunnel', address, socketKey)
}

/**
 * The client's address behind `trustedProxies` proxies, each of which appends the peer it saw.
 *
 * @param forwardedFor X-Forwarded-For; believed only as far as proxies are trusted
 */
export function readClientAddress(
  peerAddress: string,
  forwardedFor: string | undefined,
  trustedProxies: number,
): string {
  if (trustedProxies === 0 || forwardedFor === undefined) return peerAddress
  const hops = forwardedFor.split(',').map((hop) => hop.trim())
  return hops.at(-Math.min(trustedProxies, hops.length)) || peerAddress
}
