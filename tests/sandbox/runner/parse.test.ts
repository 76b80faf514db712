import { describe, expect, test } from 'vitest'
import { combinations, combinationSuffix } from '../../../src/sandbox/workflow/parse/matrix.js'
import type { Value } from '../../../src/sandbox/workflow/expression/expression-value.js'
import { parseAssignments } from '../../../src/sandbox/workflow/run/command-files.js'
import { parseWorkflow } from '../../../src/sandbox/workflow/parse/parse-workflow.js'

const problemsOf = (jobs: string): string[] => {
  const parsed = parseWorkflow(`on: push\njobs:\n${jobs}`)
  return parsed.ok ? [] : parsed.problems
}

describe('parseWorkflow', () => {
  test('parseWorkflow reads a workflow file and applies the defaults', () => {
    const parsed = parseWorkflow(`
on: push
env: { LEVEL: 1 }
defaults: { run: { shell: sh } }
permissions: read-all
jobs:
  build:
    runs-on: [self-hosted, linux]
    concurrency: x
    defaults: { run: { working-directory: sub } }
    steps:
      - { run: make, shell: bash }
      - { uses: actions/checkout@v4, with: { fetch-depth: 0 } }
`)
    expect(parsed).toMatchObject({
      ok: true,
      workflow: {
        env: { LEVEL: '1' },
        ignored: ['permissions', 'jobs.build.concurrency'],
        jobs: [
          {
            id: 'build',
            needs: [],
            timeoutMinutes: '360',
            steps: [
              { work: { kind: 'run', run: 'make', shell: 'bash', workingDirectory: 'sub' } },
              { work: { kind: 'uses', uses: 'actions/checkout@v4', with: { 'fetch-depth': '0' } } },
            ],
          },
        ],
      },
    })
  })

  test.each([
    ['  a: { runs-on: x, steps: [{ run: x }], colour: red }', 'does not know the key `jobs.a.colour`'],
    ['  a: { runs-on: x, steps: [{ run: x }], container: node }', 'does not support `jobs.a.container`'],
    ['  a: { uses: acme/x/.github/workflows/y.yml@main }', 'does not support `jobs.a.uses`'],
    ['  a: { runs-on: x, steps: [{ run: x, shell: pwsh }] }', "shell 'pwsh'"],
    ['  a: { runs-on: x, steps: [{ run: x, uses: y }] }', 'both `run` and `uses`'],
    ['  a: { runs-on: x, steps: [{ name: x }] }', 'neither `run` nor `uses`'],
    ['  a: { runs-on: x, steps: [{ run: x, with: { y: 1 } }] }', '`jobs.a.steps[0].with`'],
    ['  a: { runs-on: x, steps: [{ run: x, id: y }, { run: x, id: Y }] }', 'same id'],
    ['  a: { runs-on: x }', 'list of steps'],
    ['  a: { steps: [{ run: x }] }', 'lacks `runs-on`'],
    ['  a: { runs-on: x, needs: b, steps: [{ run: x }] }', "unknown job 'b'"],
    ['  a: { runs-on: x, needs: [a], steps: [{ run: x }] }', 'form a cycle: a'],
    ['  a b: { runs-on: x, steps: [{ run: x }] }', 'is not a valid job id'],
    ['  {}', 'at least one job'],
    ['  a: { runs-on: x, if: "foo()", steps: [{ run: x }] }', "function: 'foo'"],
    ['  a: { runs-on: x, steps: [{ run: "${{ nope.x }}" }] }', "named-value: 'nope'"],
    ['  a: { runs-on: x, steps: [{ run: [x] }] }', 'must be a text'],
    ['  a: { runs-on: x, strategy: { matrix: { n: 3 } }, steps: [{ run: x }] }', 'must be a list'],
  ])('parseWorkflow refuses %s with a reason', (jobs, reason) => {
    expect(problemsOf(jobs).join('\n')).toContain(reason)
  })

  test('parseWorkflow reports all problems at once', () => {
    const problems = problemsOf('  a: { runs-on: x, one: 1, steps: [{ run: x, two: 2 }] }')
    expect(problems).toHaveLength(2)
  })
})

describe('matrix', () => {
  test('matrix is the product of its dimensions without the excluded and with the included combinations', () => {
    const include: Value[] = [{ os: 'a', n: 1, extra: true }, { os: 'c' }]
    const found = combinations({ os: ['a', 'b'], n: [1, 2] }, include, [{ os: 'b', n: 2 }])
    expect(found).toEqual([{ os: 'a', n: 1, extra: true }, { os: 'a', n: 2 }, { os: 'b', n: 1 }, { os: 'c' }])
    expect(found.map(combinationSuffix)).toEqual([' (a, 1, true)', ' (a, 2)', ' (b, 1)', ' (c)'])
  })

  test('matrix with only include has the included combinations', () => {
    expect(combinations({}, [{ a: 1 }, { a: 2 }], [])).toEqual([{ a: 1 }, { a: 2 }])
  })
})

describe('command files', () => {
  test('parseAssignments reads lines and blocks of the command files', () => {
    const text = 'a=1\r\nb<<END\none\n\ntwo=2\nEND\nc=x=y\n'
    expect(parseAssignments(text)).toEqual({ values: { a: '1', b: 'one\n\ntwo=2', c: 'x=y' }, problems: [] })
  })

  test.each([
    ['nonsense', "Invalid format 'nonsense'"],
    ['a<<END\nx', "Matching delimiter not found 'END'"],
  ])('parseAssignments reports %s as a problem', (text, problem) => {
    expect(parseAssignments(text).problems.join()).toContain(problem)
  })
})
