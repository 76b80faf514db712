import { readFileSync } from 'node:fs'

const { payload } = JSON.parse(readFileSync(0, 'utf8'))
const result = { status: 'changed', message: `built ${payload.tag}`, artifacts: [{ path: 'dist' }] }
console.log(`ORCH_RESULT ${JSON.stringify(result)}`)
