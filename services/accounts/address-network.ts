import { isIPv6 } from 'node:net'

const ipv4InIpv6 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i
const groupsOfAddress = 8
/** A customer gets at least a /64 (RFC 6177), and takes another address in it for each try. */
const groupsOfNetwork = 4

/** Whose address it is, as far as that can be told: an IPv6 address stands for its /64, any other for itself. */
export function networkOf(address: string): string {
  const bare = address.replace(/%.*$/, '')
  if (!isIPv6(bare)) return address
  const ipv4 = ipv4InIpv6.exec(bare)?.[1]
  if (ipv4 !== undefined) return ipv4
  const [left = [], right = []] = bare
    .split('::')
    .map((half) => half.split(':').filter((group) => group !== ''))
  const zeros = Math.max(0, groupsOfAddress - left.length - right.length)
  const groups = [...left, ...Array.from({ length: zeros }, () => '0'), ...right]
  const network = groups.slice(0, groupsOfNetwork).map((group) => parseInt(group, 16).toString(16))
  return `${network.join(':')}::/64`
}
