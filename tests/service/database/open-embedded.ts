import { thisMachine } from '../../../src/lib/process-liveness.js'
import { openDatabase } from '../../../src/service/database/open-database.js'

/** Opens the embedded database, commits a row, and then waits until it is killed. */
const [, , stateDirectory = ''] = process.argv
const result = await openDatabase({ kind: 'embedded', stateDirectory, processes: thisMachine })
if (result.kind === 'opened') {
  await result.database.query('CREATE TABLE a (x int)')
  await result.database.query('INSERT INTO a VALUES (7)')
}
process.stdout.write(`${result.kind}\n`)
setInterval(() => undefined, 60_000)
