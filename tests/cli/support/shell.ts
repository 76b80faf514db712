import { execFile, spawnSync } from 'node:child_process'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { settings } from './settings.js'

const hasCurl = spawnSync('curl', ['--version']).status === 0

/** A replacement for curl on machines without it, limited to the options in our instructions. */
const fetchInstead = `#!${process.execPath}
const options = {}
let url
const words = process.argv.slice(2)
while (words.length > 0) {
  const word = words.shift()
  if (word === '-X') options.method = words.shift()
  else if (word === '-d') options.body = words.shift()
  else if (word === '-H') options.headers = [words.shift().split(': ')]
  else url = word
}
fetch(url, options).then(async (response) => process.stdout.write(await response.text()))
`

/** The output of a shell that runs these lines unchanged. Rejects if the shell fails. */
export async function shell(cwd: string, lines: string): Promise<string> {
  const env = settings(cwd)
  if (!hasCurl) {
    const shim = join(cwd, 'curl')
    writeFileSync(shim, fetchInstead)
    chmodSync(shim, 0o755)
    env['PATH'] = `${cwd}:${env['PATH'] ?? ''}`
  }
  const { stdout } = await promisify(execFile)('sh', ['-euc', lines], { cwd, env })
  return stdout
}
