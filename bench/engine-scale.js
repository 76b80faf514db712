// Measures the CPU time of the engine for each event, and its memory, from 10 to 10,000 jobs. It drives whole orchestrations in this
// process on a virtual clock against an in-memory GitHub. No file is read or written, and no request is sent.
//
//   node bench/engine-scale.js [--json] [--sizes 10,100,1000,10000] [--shapes wide,deep,random,parallel,failing]
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { orchestrate } from './engine-scale-run.js'

const here = dirname(fileURLToPath(import.meta.url))
const root = dirname(here)

/** Folder for the engine as separate modules, because the shipped bundle does not export them. */
const compiled = join(root, 'node_modules/.cache/bench-engine')

export const shapes = {
  wide: 'one job, then all others at once, then one that needs them',
  deep: 'one chain',
  random: 'each job needs up to three of the fifty before it',
  parallel: 'as random, with max-parallel 20',
  failing: 'as wide, and the third build to end fails',
}

function compile() {
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')
  const options = [
    '-p',
    'tsconfig.build.json',
    '--noEmit',
    'false',
    '--outDir',
    compiled,
    '--incremental',
    '--tsBuildInfoFile',
  ]
  const args = [tsc, ...options, join(compiled, 'build.tsbuildinfo')]
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' })
  if (status !== 0) throw new Error('the engine does not compile')
}

/** Runs one measurement in its own process, so that its memory is measured alone. */
function measure(shape, jobs) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--expose-gc', fileURLToPath(import.meta.url), '--one', shape, String(jobs)],
    { encoding: 'utf8' },
  )
  if (status !== 0) throw new Error(`${shape}, ${jobs} jobs: ${stderr}`)
  return JSON.parse(stdout)
}

function table(rows) {
  const lines = rows.map(({ shape, jobs, events, microsPerEvent, repositoriesRead, driveCpuSeconds, peakHeapMb }) => [
    shape,
    jobs,
    events,
    microsPerEvent.toFixed(1),
    repositoriesRead,
    driveCpuSeconds.toFixed(2),
    peakHeapMb.toFixed(1),
  ])
  const head = ['shape', 'jobs', 'events', 'µs/event', 'repos read again', 'drive CPU s', 'heap MB']
  return [head, ...lines].map((cells) => cells.map((cell) => String(cell).padStart(9)).join('  ')).join('\n')
}

function listAfter(name, otherwise) {
  const at = process.argv.indexOf(name)
  return at < 0 ? otherwise : (process.argv[at + 1] ?? '').split(',')
}

/**
 * Runs all measurements. `microsPerEvent`: CPU time of the engine alone (apply, list due actions, check that they are still due), from a
 * replay of the same events. `driveCpuSeconds`: CPU time of the whole drive with the scripted GitHub and clock. It includes the re-readings of the
 * change, each of which reads every repository (`repositoriesRead`), as the laws demand. `peakHeapMb`: maximum heap that the drive adds, measured
 * after a collection; it includes the scripted GitHub and the stored events.
 */
export function measureEngine(names = Object.keys(shapes), sizes = [10, 100, 1_000, 10_000]) {
  compile()
  return names.flatMap((shape) => sizes.map((jobs) => measure(shape, jobs)))
}

if (process.argv[2] === '--one') {
  const load = (file) => import(pathToFileURL(join(compiled, file)).href)
  const files = [
    'engine/build/drive',
    'engine/build/schedule/incremental-decider',
    'engine/build/state/apply',
    'engine/build/decide/actions',
    'github/runs/poll-schedule',
  ]
  const engine = Object.assign({}, ...(await Promise.all(files.map((file) => load(`${file}.js`)))))
  process.stdout.write(JSON.stringify(await orchestrate(engine, process.argv[3], Number(process.argv[4]))))
} else if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const rows = measureEngine(
    listAfter('--shapes', Object.keys(shapes)),
    listAfter('--sizes', ['10', '100', '1000', '10000']).map(Number),
  )
  process.stdout.write(`${process.argv.includes('--json') ? JSON.stringify(rows, null, 2) : table(rows)}\n`)
}
