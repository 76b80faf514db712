// Runs checks in parallel and prints the output of each in one piece, in the order of the list.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setPriority } from 'node:os'

/**
 * A check: { name, command, args, env, report, isPatient, after }. `report` is the path of the JSON report of Vitest where the check runs
 * tests. A patient check yields the processor to those that depend on real time. `after` names an earlier check that must have ended,
 * successfully or not: a failed check does not skip others.
 */
export async function runChecks(checks) {
  const output = new OrderedOutput(checks.length)
  const results = new Map()
  for (const [index, check] of checks.entries()) {
    results.set(check.name, runCheck(check, results.get(check.after), { output, index }))
  }
  return Promise.all(results.values())
}

async function runCheck(check, before, { output, index }) {
  await before
  output.write(index, `── ${check.name}\n`)
  const startedAt = Date.now()
  const isOk = await run(check, (text) => output.write(index, text))
  const seconds = Math.round((Date.now() - startedAt) / 1000)
  const { note, ...counts } = count(check, isOk)
  if (note) output.write(index, `${note}\n`)
  output.end(index)
  return { name: check.name, seconds, ...counts }
}

/** Runs the checks and prints `N passed, N failed` at the end. Each check counts as one; a check that runs tests counts each test. */
export function printTotal(results) {
  const sum = (key) => results.reduce((total, result) => total + result[key], 0)
  console.log(results.map(({ name, seconds }) => `${name} ${seconds} s`).join(', '))
  console.log(`${sum('passed')} passed, ${sum('failed')} failed`)
  return sum('failed') === 0 ? 0 : 1
}

function run({ command, args, env = {}, isPatient = false }, write) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
    child.once('spawn', () => isPatient && yieldProcessor(child.pid))
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', write)
    child.once('error', (error) => {
      write(`${command} cannot be started: ${error.message}\n`)
      resolve(false)
    })
    child.once('close', (code) => resolve(code === 0))
  })
}

function yieldProcessor(pid) {
  try {
    setPriority(pid, 2)
  } catch (error) {
    // The process may have ended already. The priority affects only the duration of the checks.
    if (error.info?.code !== 'ESRCH') throw error
  }
}

function count({ report }, isOk) {
  if (report === undefined) return { passed: isOk ? 1 : 0, failed: isOk ? 0 : 1 }
  const read = readReport(report)
  // A test file that cannot be loaded contains no failed test: only the exit code reports it.
  if (!isOk) return { ...read, failed: Math.max(1, read.failed) }
  const notRun = read.total - read.passed
  return { ...read, failed: 0, note: notRun > 0 ? `${notRun} tests did not run` : read.note }
}

function readReport(path) {
  try {
    const { numPassedTests, numFailedTests, numTotalTests } = JSON.parse(readFileSync(path, 'utf8'))
    return { passed: numPassedTests, failed: numFailedTests, total: numTotalTests }
  } catch (error) {
    return { passed: 0, failed: 1, total: 1, note: `the test report cannot be read: ${error.message}` }
  }
}

/** Streams the output of the first check that is still running, and buffers the output of the others until their turn. */
class OrderedOutput {
  #turn = 0
  #kept
  #hasEnded

  constructor(count) {
    this.#kept = Array.from({ length: count }, () => [])
    this.#hasEnded = Array.from({ length: count }, () => false)
  }

  write(index, text) {
    if (index === this.#turn) process.stdout.write(text)
    else this.#kept[index].push(text)
  }

  end(index) {
    this.#hasEnded[index] = true
    while (this.#hasEnded[this.#turn]) {
      this.#turn += 1
      for (const text of this.#kept[this.#turn] ?? []) process.stdout.write(text)
    }
  }
}
