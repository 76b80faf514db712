import { readFileSync, readdirSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import ts from 'typescript'
import { describe, expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '../src')

/** Who may import whom (docs/architecture.md); type imports count. */
const allowed: Record<string, readonly string[]> = {
  lib: [],
  model: [],
  ports: ['model'],
  config: ['model'],
  engine: ['model', 'ports'],
  github: ['model', 'ports'],
  journal: ['model', 'ports'],
  report: ['model', 'ports'],
  sandbox: ['lib'],
  cli: ['lib', 'model', 'ports', 'config', 'engine', 'github', 'journal', 'report', 'sandbox'],
}

function sourceFiles(): string[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(root, file))
}

function importsOf(file: string): string[] {
  return ts.preProcessFile(readFileSync(file, 'utf8'), true, true).importedFiles.map(({ fileName }) => fileName)
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

  test.each(['model', 'ports', 'config', 'engine'])('%s knows no clock, network, disk or terminal', (folder) => {
    const wrong = sourceFiles()
      .filter((file) => folderOf(file) === folder)
      .flatMap((file) =>
        importsOf(file)
          .filter((name) => impure.test(name))
          .map((name) => `${relative(root, file)}: ${name}`),
      )
    expect(wrong).toEqual([])
  })

  test('only cli touches process', () => {
    const wrong = sourceFiles()
      .filter((file) => !['cli', 'sandbox'].includes(folderOf(file)))
      .filter(mentionsProcess)
    expect(wrong.map((file) => relative(root, file))).toEqual([])
  })
})
