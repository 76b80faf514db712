// A test runner for Stryker that runs Vitest's tests in its own process: a mutant costs the tests that reach it and nothing else. Stryker's own
// runner for Vitest starts a thread and loads every module again for each mutant, which is a hundred times the work.
import { readdirSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { pathToFileURL } from 'node:url'
import { collectTests, getFn, getHooks } from '@vitest/runner'
import { build } from 'esbuild'
import fc from 'fast-check'
import { isInSample } from './sample.js'
import { slowTests, suites } from './suites.js'

/** Fails a test that waits for what never comes. */
const testTimeoutMs = 5_000

// The `expect` of Vitest reads the state of a Vitest worker.
globalThis.__vitest_worker__ = { config: { expect: {} }, filepath: '' }
// Random values are the same in each run, so that a mutant has the same result each time.
fc.configureGlobal({ seed: 1 })
process.env.NO_COLOR = '1'
const samplePercent = Number(process.env.ORCH_MUTATION_SAMPLE)
/** What the instrumented code shares with its test runner. */
const stryker = (globalThis.__stryker__ ??= {})

class InProcessTestRunner {
  static inject = []

  #bundle = join(process.cwd(), `coverage/tests-${process.pid}.mjs`)
  /** The tests as loaded without an active mutant. */
  #tests = []
  #loads = 0
  /** Time of each test in its last run, and how many mutants it has detected: cheap and successful tests are run first. */
  #record = new Map()

  capabilities() {
    return { reloadEnvironment: true }
  }

  async init() {
    await bundleTests(this.#bundle)
    this.#tests = await this.#load()
  }

  async dryRun() {
    const tests = []
    for (const test of this.#tests) {
      stryker.currentTestId = test.id
      const { error, timeMs } = await run(test)
      // The first mutants begin with the cheap tests too.
      this.#record.set(test.id, { timeMs, kills: 0 })
      stryker.currentTestId = undefined
      const result = { id: test.id, name: test.id, timeSpentMs: timeMs }
      // Numbers of Stryker's enum TestStatus.
      tests.push(error === undefined ? { ...result, status: 0 } : { ...result, status: 1, failureMessage: error })
    }
    return { status: 'complete', tests, mutantCoverage: stryker.mutantCoverage }
  }

  async mutantRun({ activeMutant, mutantActivation, testFilter, hitLimit }) {
    // Stryker does not count a mutant that could not be run.
    if (!isInSample(activeMutant, samplePercent)) return { status: 'error', errorMessage: 'not in the sample' }
    // Stryker allows a mutant to be reached a hundred times as often as in a run without it; ten times is an endless loop as well.
    const limit = hitLimit === undefined ? undefined : hitLimit / 10
    Object.assign(stryker, { hitCount: 0, hitLimit: limit, activeMutant: activeMutant.id })
    try {
      // A static mutant changes what happens while a module is loaded.
      const tests = mutantActivation === 'static' ? await this.#load() : this.#tests
      const wanted = testFilter && new Set(testFilter)
      return await this.#runUntilFailure(tests.filter(({ id }) => !wanted || wanted.has(id)))
    } catch (error) {
      return { status: 'killed', killedBy: ['load'], failureMessage: String(error), nrOfTests: 0 }
    } finally {
      stryker.activeMutant = undefined
    }
  }

  async dispose() {
    await rm(this.#bundle, { force: true })
  }

  async #runUntilFailure(tests) {
    const order = (id) => (this.#record.get(id)?.timeMs ?? 0) / (1 + (this.#record.get(id)?.kills ?? 0))
    const sorted = tests.toSorted((one, other) => order(one.id) - order(other.id))
    let nrOfTests = 0
    for (const test of sorted) {
      const { error, timeMs } = await run(test)
      nrOfTests += 1
      const kills = (this.#record.get(test.id)?.kills ?? 0) + (error === undefined ? 0 : 1)
      if (stryker.hitCount > stryker.hitLimit)
        return { status: 'timeout', reason: `reached more than ${stryker.hitLimit} times` }
      this.#record.set(test.id, { timeMs, kills })
      if (error !== undefined) return { status: 'killed', killedBy: [test.id], failureMessage: error, nrOfTests }
    }
    return { status: 'survived', nrOfTests }
  }

  async #load() {
    this.#loads += 1
    return await loadTests(`${pathToFileURL(this.#bundle)}?load=${this.#loads}`)
  }
}

export const strykerPlugins = [{ kind: 'TestRunner', name: 'in-process', injectableClass: InProcessTestRunner }]

/** Writes one module with the suite's test files and all modules of the project that they import. */
async function bundleTests(outfile) {
  const files = readdirSync('tests', { recursive: true })
    .filter((path) => suites[process.env.ORCH_MUTATION_PART].test(path))
    .sort()
  await build({
    stdin: { contents: files.map((path) => `import './tests/${path}'`).join('\n'), resolveDir: process.cwd() },
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    logLevel: 'error',
    plugins: [{ name: 'import.meta.url', setup: ({ onLoad }) => void onLoad({ filter: /\.test\.ts$/ }, withUrl) }],
  })
}

/** Tests find their files by the address of their module, which is not that of the bundle. */
async function withUrl({ path }) {
  const text = await readFile(path, 'utf8')
  return { contents: text.replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href)), loader: 'ts' }
}

async function loadTests(url) {
  const runner = {
    config: {
      root: process.cwd(),
      setupFiles: [],
      testTimeout: testTimeoutMs,
      hookTimeout: testTimeoutMs,
      sequence: { hooks: 'stack', concurrent: false, shuffle: false },
      maxConcurrency: 1,
      retry: 0,
      includeTaskLocation: false,
      allowOnly: false,
      tags: [],
    },
    importFile: () => import(url),
    trace: (name, attributes, call) => (call ?? attributes)(),
  }
  const [file] = await collectTests([url], runner)
  if (file.result?.state === 'fail') throw new Error(file.result.errors.map(({ message }) => message).join('\n'))
  // Several tests may have one name.
  return testsOf(file, '')
    .map(({ name, call }, index) => ({ id: `${index} ${name}`, name, call }))
    .filter(({ name }) => !slowTests.test(name))
}

function testsOf(suite, path) {
  if (Object.values(getHooks(suite)).some((hooks) => hooks.length > 0)) {
    throw new Error(`"${path}" has hooks, which this test runner does not call`)
  }
  return suite.tasks.flatMap((task) => {
    const name = `${path}${task.name}`
    return task.type === 'suite' ? testsOf(task, `${name} `) : [{ name, call: getFn(task) }]
  })
}

async function run({ call }) {
  const start = performance.now()
  try {
    await call()
    return { error: undefined, timeMs: performance.now() - start }
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error), timeMs: performance.now() - start }
  }
}
