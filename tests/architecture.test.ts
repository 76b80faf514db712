import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import ts from 'typescript'
import { describe, expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '../src')

/** Who may import whom (docs/architecture.md); type imports count. */
const allowed: Record<string, readonly string[]> = {
  model: ['lib'],
  lib: [],
  ports: ['model'],
  config: ['model', 'lib'],
  engine: ['model', 'ports', 'lib'],
  github: ['model', 'ports', 'lib'],
  store: ['model', 'ports', 'lib'],
  report: ['model', 'ports', 'lib'],
  sandbox: ['lib'],
  app: ['engine', 'config', 'model', 'ports', 'lib'],
  cli: ['app', 'model', 'ports', 'config', 'engine', 'github', 'store', 'report', 'sandbox', 'lib'],
}

function sourceFiles(): string[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(root, file))
}

function importsOf(file: string): string[] {
  return ts.preProcessFile(readFileSync(file, 'utf8'), true, true).importedFiles.map(({ fileName }) => fileName)
}

/** The files that a file imports, `import()` included. */
function targetsOf(file: string): string[] {
  return importsOf(file)
    .filter((name) => name.startsWith('.'))
    .map((name) => resolve(dirname(file), name).replace(/\.js$/u, '.ts'))
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

/** Whether the code, not a comment or a text, names the global `process`. */
function mentionsProcess(file: string): boolean {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest)
  const visit = (node: ts.Node): boolean =>
    (ts.isPropertyAccessExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === 'process') ||
    (ts.forEachChild(node, (child) => visit(child) || undefined) ?? false)
  return visit(source)
}

const impure = /^(node:)?(fs|child_process|http|https|net|os|process|timers|worker_threads|readline|tty|dns)(\/|$)/u

/** Where an import leads within src; undefined: outside of it. */
function resolveImport(file: string, name: string): string | undefined {
  return name.startsWith('.') ? resolve(dirname(file), name).replace(/\.js$/u, '.ts') : undefined
}

/** The imports that lead from a file back to itself, shortest way first: `a -> b -> a`. */
function findCycle(file: string, imports: ReadonlyMap<string, readonly string[]>): string[] | null {
  const ways: string[][] = [[file]]
  const reached = new Set<string>()
  for (const way of ways) {
    for (const next of imports.get(way.at(-1) ?? '') ?? []) {
      if (next === file) return [...way, file]
      if (reached.has(next)) continue
      reached.add(next)
      ways.push([...way, next])
    }
  }
  return null
}

describe('the import rule', () => {
  test('knows every folder of src', () => {
    expect([...new Set(sourceFiles().map(folderOf))].filter((folder) => !(folder in allowed))).toEqual([])
  })

  test.each(Object.keys(allowed))('%s imports only what it may', (folder) => {
    const wrong = sourceFiles()
      .filter((file) => folderOf(file) === folder)
      .flatMap((file) =>
        importsOf(file)
          .filter((name) => name.startsWith('.'))
          .map((name) => folderOf(resolve(dirname(file), name)))
          .filter((target) => target !== folder && !allowed[folder]?.includes(target))
          .map((target) => `${relative(root, file)} imports ${target}`),
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

  test.each(['model', 'ports', 'engine'])(
    'no files of %s import each other in a cycle, type imports included',
    (folder) => {
      const files = sourceFiles()
      const imports = new Map(
        files.map((file) => [file, importsOf(file).flatMap((name) => resolveImport(file, name) ?? [])]),
      )
      const cycles = files
        .filter((file) => folderOf(file) === folder)
        .flatMap((file) => findCycle(file, imports) ?? [])
        .map((file) => relative(root, file))
      expect(cycles.join(' -> ')).toBe('')
    },
  )

  test('only cli touches process', () => {
    const wrong = sourceFiles()
      .filter((file) => !['cli', 'sandbox', 'lib'].includes(folderOf(file)))
      .filter(mentionsProcess)
    expect(wrong.map((file) => relative(root, file))).toEqual([])
  })

  test('no file below the commands of cli takes the whole context of the process', () => {
    const context = join(root, 'cli/process/context.ts')
    const mayTakeIt = /^cli\/(?:commands\/|process\/|(?:program|other-commands)\.ts$)/u
    const wrong = sourceFiles()
      .filter((file) => !mayTakeIt.test(relative(root, file)))
      .filter((file) => targets(file).includes(context))
    expect(wrong.map((file) => relative(root, file))).toEqual([])
  })

  test('the second door to app does without cli', () => {
    const reached = reach(resolve(root, '../tests/unit/app/second-door.test.ts'))
    expect(reached.filter((file) => folderOf(file) === 'app').length).toBeGreaterThan(10)
    expect(reached.filter((file) => folderOf(file) === 'cli')).toEqual([])
  })
})

describe('import cycles', () => {
  test.each(['app', 'cli'])('%s has none, type imports included', (folder) => {
    const files = sourceFiles().filter((file) => folderOf(file) === folder)
    const cycles = files.filter((file) => targets(file).some((target) => reach(target).includes(file)))
    expect(cycles.map((file) => relative(root, file))).toEqual([])
  })
})
