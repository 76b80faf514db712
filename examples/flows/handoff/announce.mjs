import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const { payload } = JSON.parse(readFileSync(0, 'utf8'))
const directory = process.env.ORCH_CONTEXT_DIR
const notes = readdirSync(directory).map((name) => readFileSync(join(directory, name), 'utf8').trim())
const message = [`${payload.tag} is out.`, ...notes].join(' ')
console.log(`ORCH_RESULT ${JSON.stringify({ status: 'completed', message })}`)
