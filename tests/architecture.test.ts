import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import ts from 'typescript'
import { describe, expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '../src')

const github = ['github', 'model', 'ports', 'lib']
const report = ['report', 'model', 'ports', 'lib']
const app = ['app', 'engine', 'config', 'model', 'ports', 'lib']
const service = ['app', 'flows', 'config', 'engine', 'model', 'ports', 'github', 'store', 'report', 'lib']
const cli = [
  'app',
  'client',
  'flows',
  'service',
  'model',
  'ports',
  'config',
  'engine',
  'github',
  'store',
  'report',
  'sandbox',
  'lib',
  'cli',
]

const action = ['cli', 'app', 'lib']

/**
 * Which folders a folder may import besides itself (docs/architecture.md); type imports count. A name stands for the folder and everything
 * below it. A file follows the rule of the nearest folder in this table.
 */
const allowed: Record<string, readonly string[]> = {
  model: ['lib'],
  'model/wire': ['model'],
  lib: [],
  ports: ['model'],
  config: ['model', 'lib'],
  'engine/kernel': ['ports', 'lib'],
  'engine/build': ['engine/kernel', 'model', 'ports', 'lib'],
  github,
  'github/http': ['github/api', 'model', 'ports', 'lib'],
  'github/limits': ['github/api', 'github/http', 'model', 'ports', 'lib'],
  'github/graphql': ['github/api', 'github/limits', 'model', 'ports', 'lib'],
  'github/change': ['github/api', 'github/graphql', 'github/http', 'github/limits', 'model', 'ports', 'lib'],
  'github/hooks': ['github/api', 'github/http', 'model', 'ports', 'lib'],
  'github/runs': ['github/api', 'github/graphql', 'github/http', 'github/limits', 'model', 'ports', 'lib'],
  store: ['model', 'ports', 'lib'],
  flows: ['app', 'config', 'model', 'ports', 'lib'],
  client: ['model/wire'],
  'client/local': ['client', 'flows', 'store', 'model', 'ports', 'lib'],
  'client/http': ['client', 'model/wire'],
  'action/handoff': ['flows', 'model', 'lib'],
  report,
  'report/plain': ['report/views', ...report.filter((folder) => folder !== 'report')],
  'report/json': ['report/views', ...report.filter((folder) => folder !== 'report')],
  app,
  action,
  cli,
  'cli/flags': ['app', 'model', 'lib'],
  'cli/output': ['cli/process', 'app', 'report', 'model', 'ports', 'lib'],
  'cli/process': ['app', 'store', 'report', 'ports', 'lib'],
  service,
  'service/database': ['lib'],
  'service/durable': ['service/database', 'service/operations', 'ports', 'lib'],
  'service/store': ['service/database', 'store', 'model', 'ports', 'lib'],
  'service/operations': ['model', 'ports', 'lib'],
  sandbox: ['lib'],
  'sandbox/git': [],
  'sandbox/workflow/expression': [],
  'sandbox/workflow/parse': ['sandbox/workflow/expression'],
  'sandbox/workflow/process': ['sandbox'],
}

/** Files directly in a folder that its subfolders share. */
const shared: readonly string[] = ['report', 'cli', 'app', 'sandbox', 'model', 'github', 'service']

function sourceFiles(): string[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/u.test(file))
    .map((file) => join(root, file))
}

function importsOf(file: string): string[] {
  return ts.preProcessFile(readFileSync(file, 'utf8'), true, true).importedFiles.map(({ fileName }) => fileName)
}

/** The files that a file imports, `import()` included. */
function targetsOf(file: string): string[] {
  return importsOf(file)
    .filter((name) => name.startsWith('.'))
    .flatMap((name) => ['.ts', '.tsx'].map((end) => resolve(dirname(file), name).replace(/\.js$/u, end)))
    .filter((target) => existsSync(target))
}

/** A file with everything that it imports directly or indirectly. */
function reach(file: string): string[] {
  const reached = new Set([file])
  // A set yields what is added while it is read.
  for (const each of reached) for (const target of targets(each)) reached.add(target)
  return [...reached]
}

const known = new Map<string, string[]>()

function targets(file: string): string[] {
  const found = known.get(file) ?? targetsOf(file)
  known.set(file, found)
  return found
}

function folderOf(file: string): string {
  return relative(root, file).split('/')[0] ?? ''
}

/** The folder of the table whose rule a file follows. */
function ruleOf(file: string): string | undefined {
  for (let folder = dirname(relative(root, file)); folder !== '.'; folder = dirname(folder)) {
    if (folder in allowed) return folder
  }
  return undefined
}

/** `target`: path below src. */
function mayImport(folder: string, target: string): boolean {
  const isIn = (name: string): boolean => target.startsWith(`${name}/`)
  const parents = shared.filter((name) => folder.startsWith(`${name}/`))
  return isIn(folder) || allowed[folder]?.some(isIn) === true || parents.includes(dirname(target))
}

/** Whether the code, not a comment or a text, names the global `process`. */
function mentionsProcess(file: string): boolean {
  const text = readFileSync(file, 'utf8')
  // Few files contain the word at all, and to parse one takes milliseconds.
  if (!/\bprocess\b/u.test(text)) return false
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest)
  const visit = (node: ts.Node): boolean =>
    (ts.isPropertyAccessExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === 'process') ||
    (ts.forEachChild(node, (child) => visit(child) || undefined) ?? false)
  return visit(source)
}

const impure = /^(node:)?(fs|child_process|http|https|net|os|process|timers|worker_threads|readline|tty|dns)(\/|$)/u

/** The imports that lead from a file back to itself, shortest way first: `a -> b -> a`. */
function findCycle(file: string): string[] | null {
  const ways: string[][] = [[file]]
  const reached = new Set<string>()
  for (const way of ways) {
    for (const next of targets(way.at(-1) ?? '')) {
      if (next === file) return [...way, file]
      if (reached.has(next)) continue
      reached.add(next)
      ways.push([...way, next])
    }
  }
  return null
}

describe('the import rule', () => {
  test('the table names every folder of src', () => {
    const unknown = sourceFiles().filter((file) => ruleOf(file) === undefined)
    expect(unknown.map((file) => relative(root, file))).toEqual([])
  })

  test.each(Object.keys(allowed))('%s imports only the folders that the table allows', (folder) => {
    const wrong = sourceFiles()
      .filter((file) => ruleOf(file) === folder)
      .flatMap((file) =>
        targets(file)
          // Schemas are data, which every module may read.
          .filter((target) => !target.endsWith('.json'))
          .filter((target) => !mayImport(folder, relative(root, target)))
          .map((target) => `${relative(root, file)} imports ${relative(root, target)}`),
      )
    expect(wrong).toEqual([])
  })

  test.each(['model', 'ports', 'config', 'engine', 'app'])('%s knows no clock, network, disk or terminal', (folder) => {
    const wrong = sourceFiles()
      .filter((file) => folderOf(file) === folder)
      .flatMap((file) =>
        importsOf(file)
          .filter((name) => impure.test(name))
          .map((name) => `${relative(root, file)}: ${name}`),
      )
    expect(wrong).toEqual([])
  })

  test('no files of src import each other in a cycle, type imports included', () => {
    const cycle = sourceFiles().flatMap((file) => findCycle(file) ?? [])
    expect(cycle.map((file) => relative(root, file)).join(' -> ')).toBe('')
  })

  test('only cli, an action, and the client in the process of its caller, touch process', () => {
    const wrong = sourceFiles()
      .filter((file) => !['cli', 'action', 'client', 'sandbox', 'lib'].includes(folderOf(file)))
      .filter(mentionsProcess)
    expect(wrong.map((file) => relative(root, file))).toEqual([])
  })

  test('no file below the commands of cli takes the whole context of the process', () => {
    const context = join(root, 'cli/process/context.ts')
    const mayTakeIt = /^cli\/(?:commands\/|process\/|(?:program|run-program|other-commands)\.ts$)|^action\//u
    const wrong = sourceFiles()
      .filter((file) => !mayTakeIt.test(relative(root, file)))
      .filter((file) => targets(file).includes(context))
    expect(wrong.map((file) => relative(root, file))).toEqual([])
  })

  test('only the two servers import @hono/node-server, whose other functions replace Request and Response of the whole process', () => {
    const tests = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.tsx?$/u.test(file))
      .map((file) => join(import.meta.dirname, file))
    const importing = [...sourceFiles(), ...tests]
      .filter((file) => /from '@hono\/node-server'/u.test(readFileSync(file, 'utf8')))
      .map((file) => relative(root, file))
    expect(importing.sort()).toEqual(['sandbox/http/server.ts', 'service/http/listen.ts'])
  })

  test('the second door to app does without cli', () => {
    const reached = reach(resolve(root, '../tests/unit/app/second-door.test.ts'))
    expect(reached.filter((file) => folderOf(file) === 'app').length).toBeGreaterThan(10)
    expect(reached.filter((file) => folderOf(file) === 'cli')).toEqual([])
  })
})
