// Keeps beside the pieces of dist/cli what V8 makes of those that `orch run` loads before its first request leaves: it is run once, against a server of
// its own that refuses the token (docs/decisions/0022-compiled-when-built.md).
import { mkdtempSync, copyFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import v8 from 'node:v8'

const root = resolve(import.meta.dirname, '..')
const { load, scripts, compiledPath } = createRequire(import.meta.url)(join(root, 'bin/load-pieces.js'))
/** The exit code of a refused token. */
const refused = 4

const folder = mkdtempSync(join(tmpdir(), 'orch-build-'))
copyFileSync(join(root, 'orchestrator.yaml'), join(folder, 'orchestrator.yaml'))
const json = { 'content-type': 'application/json; charset=utf-8' }
const server = createServer((_, response) => response.writeHead(401, json).end('{"message":"Bad credentials"}'))
// V8 keeps no code for other flags than those that a start has.
v8.setFlagsFromString = () => undefined
process.stdout.write = process.stderr.write = silent

process.on('exit', (code) => {
  rmSync(folder, { recursive: true, force: true })
  if (code !== refused) throw new Error(`orch run ended with ${code} where its token is refused`)
  for (const [path, script] of scripts) writeFileSync(compiledPath(path), script.createCachedData())
  process.exitCode = 0
})

server.listen(0, '127.0.0.1', () => {
  server.unref()
  process.chdir(folder)
  process.argv = [process.execPath, join(root, 'bin/orch.js'), 'run', 'DPTA-1']
  const { PATH } = process.env
  process.env = { PATH, GITHUB_API_URL: `http://127.0.0.1:${server.address().port}`, GH_ENTERPRISE_TOKEN: 'none' }
  load('./main.js')
})

function silent(...parts) {
  const written = parts.at(-1)
  if (typeof written === 'function') written()
  return true
}
