import assert from 'node:assert/strict'
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { findNativeUws, nativeFile } from '../../../../api/live/sockets/uws-server.js'
import { packageRoot } from '../../../../config/package.js'

const addedBelow = (root: string) =>
  join(root, '.uws', 'node_modules', 'uWebSockets.js', nativeFile)
const fromNpm = join(packageRoot, 'node_modules', 'uWebSockets.js', 'binaries', nativeFile)
const anyBuild = [addedBelow(packageRoot), fromNpm].find((file) => existsSync(file))

describe('findNativeUws', () => {
  let root: string
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'triagem-uws-'))
    await mkdir(dirname(addedBelow(root)), { recursive: true })
  })
  afterEach(() => rm(root, { recursive: true, force: true }))

  it('prefers a build that was added to the one of the npm package', async function () {
    if (anyBuild === undefined) return this.skip()
    await copyFile(anyBuild, addedBelow(root))
    const added = findNativeUws(root)
    assert.ok(added !== undefined)
    assert.notEqual(added, findNativeUws())
  })

  it('does without an added build that does not load', async () => {
    const without = findNativeUws(root)
    await writeFile(addedBelow(root), 'of another system')
    assert.equal(findNativeUws(root), without)
  })
})
