// Run by data-dir-lock.test.ts: takes the lock, says so, and holds it until it is killed.
import {
  acquireDataDirLock,
  DataDirInUseError,
} from '../../../commands/one-machine/data-dir-lock.js'

try {
  await acquireDataDirLock(process.argv[2]!)
  console.log('held')
} catch (error) {
  console.log(error instanceof DataDirInUseError ? 'refused' : String(error))
}
process.stdin.resume()
