// Mutation testing of src/engine, src/config or src/model with Stryker: `node scripts/mutation.js <part>`.
// Writes every mutant that no test detects to coverage/mutation/<part>.md. Exits with 1 if the score is below the bound.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { Stryker } from '@stryker-mutator/core'
import { isInSample } from '../tests/mutation/sample.js'

/** Minimum score of each part, percent. */
const bounds = { engine: 85, config: 85, model: 0 }

const { values, positionals } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    sample: { type: 'string', default: '100' },
    concurrency: { type: 'string', default: String(availableParallelism()) },
  },
  allowPositionals: true,
})
const [part] = positionals
if (positionals.length !== 1 || !Object.hasOwn(bounds, part)) {
  console.error(
    `node scripts/mutation.js ${Object.keys(bounds).join('|')} [--only <glob>] [--sample <percent>] [--concurrency <n>]`,
  )
  process.exit(2)
}

// Read by tests/mutation/test-runner.js.
process.env.ORCH_MUTATION_PART = part
process.env.ORCH_MUTATION_SAMPLE = values.sample
const mutants = await new Stryker({
  mutate: values.only ?? [`src/${part}/**/*.ts`],
  testRunner: 'in-process',
  plugins: [join(import.meta.dirname, '../tests/mutation/test-runner.js')],
  coverageAnalysis: 'perTest',
  reporters: ['progress-append-only', 'html'],
  htmlReporter: { fileName: `coverage/mutation/${part}.html` },
  ignorePatterns: ['**', '!src/**', '!tests/**', '!config/**', '!orchestrator.yaml', '!package.json'],
  tempDirName: 'coverage/stryker',
  concurrency: Number(values.concurrency),
  // Only a mutant that never ends should reach it, on a busy machine too: all tests of a part take a few seconds.
  timeoutMS: 4_000,
  timeoutFactor: 2,
  // On a busy machine the first run of all tests takes several minutes.
  dryRunTimeoutMinutes: 60,
  allowEmpty: true,
  checkers: [],
  disableTypeChecks: false,
}).runMutationTest()

const sampled = mutants.filter((mutant) => isInSample(mutant, Number(values.sample)))
const undetected = sampled.filter(({ status }) => status === 'Survived' || status === 'NoCoverage')
const detected = sampled.filter(({ status }) => status === 'Killed' || status === 'Timeout')
const score = (100 * detected.length) / Math.max(1, detected.length + undetected.length)
const summary = `${part}: ${score.toFixed(1)} % of ${detected.length + undetected.length} mutants are detected, ${undetected.length} are not`
const path = `coverage/mutation/${part}.md`
mkdirSync('coverage/mutation', { recursive: true })
writeFileSync(
  path,
  `# Mutants that no test detects\n\n${summary}.\n\n${scores()}\n${undetected.map(describe).join('\n')}\n`,
)
console.log(`${summary}: ${path}`)
if (score < bounds[part]) console.log(`The bound is ${bounds[part]} %.`)
process.exit(score < bounds[part] ? 1 : 0)

/** Returns the score of each file, lowest first. */
function scores() {
  const files = new Map()
  for (const { fileName } of [...undetected, ...detected]) files.set(fileName, { undetected: 0, all: 0 })
  for (const { fileName } of undetected) files.get(fileName).undetected += 1
  for (const { fileName } of [...undetected, ...detected]) files.get(fileName).all += 1
  const share = (file) => 1 - file.undetected / file.all
  const lines = [...files]
    .sort(([, one], [, other]) => share(one) - share(other))
    .map(([name, file]) => `| ${shown(name)} | ${(100 * share(file)).toFixed(1)} | ${file.undetected} of ${file.all} |`)
  return ['| file | score, % | not detected |', '| --- | --- | --- |', ...lines, ''].join('\n')
}

function describe({ fileName, location, status, mutatorName, replacement }) {
  const { line, column } = location.start
  const what = status === 'NoCoverage' ? 'no test reaches it' : mutatorName
  return `- ${shown(fileName)}:${line}:${column} ${what}: ${code(textAt(fileName, location))} -> ${code(replacement ?? '')}`
}

/** The text of a file between two positions, whose lines and columns count from 1. */
function textAt(fileName, { start, end }) {
  const lines = readFileSync(fileName, 'utf8')
    .split('\n')
    .slice(start.line - 1, end.line)
  lines[lines.length - 1] = lines.at(-1).slice(0, end.column - 1)
  lines[0] = lines[0].slice(start.column - 1)
  return lines.join(' ')
}

function code(text) {
  const line = text.replaceAll(/\s+/gu, ' ')
  const shortened = line.length > 100 ? `${line.slice(0, 60)} … ${line.slice(-35)}` : line
  return shortened === '' ? 'nothing' : `\`\`${shortened.includes('`') ? ` ${shortened} ` : shortened}\`\``
}

function shown(fileName) {
  return relative(process.cwd(), fileName)
}
