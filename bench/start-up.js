// Measures how long a command takes to start, as a ratio to a bare `node -e 0` that ran just before it. Prints JSON. The first argument is the
// number of rounds. NODE_EXTRA_CA_CERTS is removed from the environment, because it adds 30 ms to each start.
import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const orch = join(root, 'bin/orch.js')
const packages = [
  '@octokit/rest',
  '@octokit/plugin-throttling',
  'commander',
  'listr2',
  'yaml',
  'p-limit',
  'undici',
  'hono',
]

/**
 * Measures each start in `rounds` rounds, one process after the other. Returns min, median and max of its time (ms, from the start of the process to
 * its end, or to the arrival of its first request) and of its ratio to the bare start of the same round.
 */
export async function measureStartUp({ rounds = 15, withPackages = true } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'orch-start-up-'))
  cpSync(join(root, 'orchestrator.yaml'), join(folder, 'orchestrator.yaml'))
  writeFileSync(join(folder, 'wrong.yaml'), 'version: 1\njobs:\n  repoA: { nedes: repoB }\n')
  const server = await listen()
  try {
    const place = { cwd: folder, env: minimalEnvironment(folder, server.url) }
    return await measure(startsOf(withPackages), rounds, place, server)
  } finally {
    server.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** `until` is the event that ends the measured time. A process that ends with a code other than `exitCode` makes the measurement fail. */
function startsOf(withPackages) {
  const command = (name, args, exitCode = 0) => ({ name, args: [orch, ...args], exitCode, until: 'exit' })
  return [
    command('orch --version', ['--version']),
    command('orch --help', ['--help']),
    command('orch run --help', ['run', '--help']),
    command('orch completion bash', ['completion', 'bash']),
    command('orch with an unknown flag', ['run', '--unknown'], 2),
    command('orch with a mistake in the graph file', ['run', 'DPTA-1', '--config', 'wrong.yaml'], 2),
    { name: 'orch run to its first request', args: [orch, 'run', 'DPTA-1'], until: 'request' },
    ...(withPackages ? packageStarts() : []),
  ]
}

function packageStarts() {
  const start = (name, code) => ({
    name,
    args: ['--input-type=module', '-e', code],
    cwd: root,
    exitCode: 0,
    until: 'exit',
  })
  const required = ['@octokit/rest', '@octokit/plugin-throttling', 'commander', 'listr2', 'yaml', 'p-limit']
  const all = required.map((name) => `await import('${name}')`).join(';')
  return [
    start('an empty module', ''),
    ...packages.map((name) => start(`import ${name}`, `await import('${name}')`)),
    start('import the six required packages', all),
  ]
}

async function measure(starts, rounds, place, server) {
  const bare = { name: 'node -e 0', args: ['-e', '0'], exitCode: 0, until: 'exit' }
  const taken = new Map([bare, ...starts].map(({ name }) => [name, { ms: [], ratio: [] }]))
  // The first round warms the disk cache and is not counted.
  for (let round = 0; round <= rounds; round += 1) {
    for (const start of starts) {
      const base = await time(bare, place, server)
      const ms = await time(start, place, server)
      if (round === 0) continue
      taken.get(bare.name).ms.push(base)
      taken.get(start.name).ms.push(ms)
      taken.get(start.name).ratio.push(ms / base)
    }
  }
  return [...taken].map(([name, { ms, ratio }]) => ({
    name,
    ms: spread(ms, 1),
    ratio: ratio.length === 0 ? null : spread(ratio, 2),
  }))
}

async function time({ name, args, cwd, exitCode, until }, place, server) {
  const request = until === 'request' ? server.nextRequest() : null
  const startedAt = performance.now()
  const child = spawn(process.execPath, args, {
    cwd: cwd ?? place.cwd,
    env: place.env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text))
  const exit = new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', (code) => resolve({ at: performance.now(), code }))
  })
  const end = await Promise.race([exit, ...(request ? [request] : [])])
  if (until === 'request') {
    if (end.code !== undefined) throw new Error(`${name} ended with ${end.code} and sent no request: ${output}`)
    child.kill('SIGKILL')
    await exit
  } else if (end.code !== exitCode) throw new Error(`${name} ended with ${end.code}: ${output}`)
  return end.at - startedAt
}

/** Starts a server that answers no request: its clients are killed once their first request arrives. */
async function listen() {
  let notify = () => undefined
  const server = createServer((request) => {
    request.socket.on('error', () => undefined)
    notify({ at: performance.now() })
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    nextRequest: () => new Promise((resolve) => (notify = resolve)),
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

/** Passes only PATH from the caller's environment. */
function minimalEnvironment(folder, apiUrl) {
  return {
    PATH: process.env.PATH,
    HOME: folder,
    NO_COLOR: '1',
    GITHUB_API_URL: apiUrl,
    GH_ENTERPRISE_TOKEN: 'x'.repeat(40),
  }
}

function spread(values, digits) {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (share) => Number(sorted[Math.round((sorted.length - 1) * share)].toFixed(digits))
  return { min: at(0), median: at(0.5), max: at(1) }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const rounds = process.argv[2] === undefined ? 15 : Number(process.argv[2])
  console.log(JSON.stringify(await measureStartUp({ rounds }), null, 2))
}
