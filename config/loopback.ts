import { isIP } from 'node:net'

/** Whether a host name or address is this machine's loopback: nobody else can call it. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '').toLowerCase()
  if (bare === 'localhost' || bare === '::1' || bare === '::ffff:127.0.0.1') return true
  return isIP(bare) === 4 && bare.startsWith('127.')
}
