import { createDatabaseStore } from '../../../src/service/store/database-store.js'
import { opened, openPostgres } from '../../support/databases.js'

/** Creates a journal and appends to it until it may not any more; prints what happened. */
const [, , url = '', id = ''] = process.argv
const print = (text: string): void => void process.stdout.write(`${text}\n`)
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

const database = opened(await openPostgres(url))
const store = createDatabaseStore({
  database,
  clock: { now: () => Date.now(), sleep },
  identity: { host: 'elsewhere', pid: process.pid },
  leaseMs: 2_000,
  onCancelRequest: () => undefined,
  onProblem: print,
})
const created = await store.create(id, 'DPTA-1')
if (created.kind !== 'opened') throw new Error(`the journal is ${created.kind}`)
print('driving')
try {
  for (let at = 1; ; at += 1) {
    await created.journal.append({ type: 'resumed', at })
    print(`appended ${at}`)
    await sleep(20)
  }
} catch (error) {
  print(String(error))
}
process.exit(0)
