// `npm run test:nodes`: the fast tests, the tests of the client, of the package and of the Action, and the demo, on each supported version of
// Node. The versions that this machine lacks come from npm's package `node`, into a cache folder of the user. A version that npm cannot give
// is skipped, which the table says.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { printTotal, runChecks } from './run-checks.js'

const majors = [20, 22, 24]
const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'orch', 'nodes')
const results = mkdtempSync(join(tmpdir(), 'orch-nodes-'))
const vitest = join('node_modules', 'vitest', 'vitest.mjs')

/** The version of Node in a program, such as `22.23.3`; null: it cannot be started. */
function versionOf(program) {
  const { status, stdout } = spawnSync(program, ['--version'], { encoding: 'utf8' })
  return status === 0 ? stdout.trim().slice(1) : null
}

/** `{ major, program, version }`, or `{ major, problem }`. */
function findNode(major) {
  const own = process.versions.node
  if (own.startsWith(`${major}.`)) return { major, program: process.execPath, version: own }
  const folder = join(cache, String(major))
  const program = join(folder, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
  const known = existsSync(program) ? versionOf(program) : null
  if (known !== null) return { major, program, version: known }
  try {
    mkdirSync(folder, { recursive: true })
    execFileSync('npm', ['install', '--prefix', folder, '--no-save', '--loglevel=error', `node@${major}`], {
      encoding: 'utf8',
      stdio: 'pipe',
      shell: process.platform === 'win32',
    })
  } catch (error) {
    return { major, problem: lastLine(error.stderr) || error.message }
  }
  const version = versionOf(program)
  return version === null ? { major, problem: `${program} does not start` } : { major, program, version }
}

function lastLine(text) {
  return String(text ?? '')
    .trim()
    .split('\n')
    .at(-1)
}

const parts = [
  { title: 'fast tests', args: [vitest, 'run', '--project=fast*'], isTest: true },
  {
    title: 'client, package, Action',
    args: [vitest, 'run', 'tests/client/', 'tests/package.test.ts', 'tests/action/'],
    isTest: true,
  },
  { title: 'demo', args: [join('bin', 'orch.js'), 'demo'], isTest: false },
]

function nameOf({ version }, { title }) {
  return `${title} on Node ${version}`
}

/** One after the other, so that no check slows down another. */
function checksOf(nodes) {
  const checks = [{ name: 'build', command: process.execPath, args: ['scripts/build.js', '--unchecked'] }]
  for (const node of nodes) {
    for (const part of parts) {
      const report = join(results, `${checks.length}.json`)
      const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
      checks.push({
        name: nameOf(node, part),
        command: node.program,
        args: part.isTest ? [...part.args, ...reporters] : part.args,
        // What the tests start by the name `node` is of the same version.
        env: { PATH: `${dirname(node.program)}${delimiter}${process.env.PATH}` },
        ...(part.isTest ? { report } : {}),
        after: checks.at(-1).name,
      })
    }
  }
  return checks
}

function table(nodes, ended) {
  const cell = (node, part) => {
    if (node.problem !== undefined) return 'skipped'
    const { passed, failed } = ended.find(({ name }) => name === nameOf(node, part))
    if (!part.isTest) return failed === 0 ? 'ok' : 'failed'
    return failed === 0 ? `${passed} passed` : `${passed} passed, ${failed} failed`
  }
  const rows = nodes.map((node) => [node.version ?? `${node.major}`, ...parts.map((part) => cell(node, part))])
  const lines = [['Node', ...parts.map(({ title }) => title)], ...rows]
  const widths = lines[0].map((_, column) => Math.max(...lines.map((line) => line[column].length)))
  return lines
    .map((line) =>
      line
        .map((text, column) => text.padEnd(widths[column] + 2))
        .join('')
        .trimEnd(),
    )
    .join('\n')
}

const nodes = majors.map(findNode)
const found = nodes.filter(({ problem }) => problem === undefined)
const ended = await runChecks(checksOf(found))
rmSync(results, { recursive: true, force: true })
console.log(`\n${table(nodes, ended)}\n`)
for (const { major, problem } of nodes) {
  if (problem !== undefined)
    console.log(`SKIPPED: Node ${major} was not tested, because npm could not install it: ${problem}`)
}
process.exit(printTotal(ended))
