/**
 * What whoever starts the product should know of the Node that runs it: nothing, or one line.
 *
 * @param version as in `process.versions.node`
 */
export function describeNodeSupport(version = process.versions.node): readonly string[] {
  if (!version.startsWith('20.')) return []
  return [
    'Node 20 has had no security updates since 2026-04-30: install Node 24 (https://nodejs.org).',
  ]
}
