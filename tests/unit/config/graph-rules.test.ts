import { describe, expect, test } from 'vitest'
import { fileOf, problemsOf } from './problems-of.js'

const jobs = (count: number, settings: (index: number) => string = () => '{}'): string =>
  Array.from({ length: count }, (_, index) => `  j${index}: ${settings(index)}`).join('\n')

describe('needs', () => {
  test('the hint for an unknown job names at most ten jobs', () => {
    expect(problemsOf(fileOf(`${jobs(9)}\n  zz: { needs: something }`))).toEqual([
      '15:16+9 unknown job "something" | the jobs are j0, j1, j2, j3, j4, j5, j6, j7, j8, zz',
    ])
    expect(problemsOf(fileOf(`${jobs(10)}\n  zz: { needs: something }`))).toEqual([
      '16:16+9 unknown job "something" | the jobs are j0, j1, j2, j3, j4, j5, j6, j7, j8, j9, …',
    ])
  })

  test('a cycle of eleven jobs is shown whole, and a longer one is shortened', () => {
    const cycle = (length: number): string => fileOf(jobs(length, (index) => `{ needs: j${(index + 1) % length} }`))
    expect(problemsOf(cycle(11))).toEqual([
      '6:16+2 dependency cycle: j0 -> j1 -> j2 -> j3 -> j4 -> j5 -> j6 -> j7 -> j8 -> j9 -> j10 -> j0 | remove one of these needs',
    ])
    expect(problemsOf(cycle(12))).toEqual([
      '6:16+2 dependency cycle: j0 -> j1 -> j2 -> j3 -> j4 -> j5 -> … -> j8 -> j9 -> j10 -> j11 -> j0 | remove one of these needs',
    ])
  })
})

describe('references to jobs', () => {
  test('the hint for a job that is not needed names at most ten needs', () => {
    expect(problemsOf(fileOf("  a: {}\n  b: { inputs: { x: '${{ needs.a.result }}' } }"))).toEqual([
      '7:22+21 job "b" refers to "a", but does not need it | add a to its needs; it needs nothing',
    ])
    const needs = Array.from({ length: 11 }, (_, index) => `j${index}`).join(', ')
    const last = `  z: { inputs: { x: '\${{ needs.j11.result }}' }, needs: [${needs}] }`
    expect(problemsOf(fileOf(`${jobs(12)}\n${last}`))).toEqual([
      '18:22+23 job "z" refers to "j11", but does not need it | add j11 to its needs; it needs j0, j1, j2, j3, j4, j5, j6, j7, j8, j9',
    ])
  })

  test('in a graph with a cycle, only references to unknown jobs are reported', () => {
    const a = "{ needs: b, inputs: { x: '${{ needs.c.result }}', y: '${{ needs.unlike.result }}' } }"
    expect(problemsOf(fileOf(`  a: ${a}\n  b: { needs: a }\n  c: {}`))).toEqual([
      '6:15+1 dependency cycle: a -> b -> a | remove one of these needs',
      '6:60+26 the expression refers to the unknown job "unlike"',
    ])
  })
})

describe('jobs of the same repository', () => {
  test('two jobs of one repository whose ids differ only in case would post the same status', () => {
    expect(problemsOf(fileOf('  LIB: {}\n  lib: { repo: Lib, workflow: x.yml }'))).toEqual([
      '7:3+3 jobs "LIB" and "lib" would post the same status on commits of acme/Lib | GitHub compares contexts without case: rename one of them',
    ])
  })

  test.each([
    ['a/b/c', 'repository', '"a/b/c" is not a valid repository | write name or owner/name, not an address'],
    ['-a/b', 'owner', 'the owner in "-a/b" is not a valid GitHub name: it starts or ends with a hyphen'],
    ['a/.git', 'name', 'the repository in "a/.git" is not a valid GitHub name: it ends in .git'],
    ['1', 'text', '"repo" must be a text, not the number 1 | put it in quotes'],
  ])('two jobs of the repository %s, whose %s is wrong, are not compared', (repo, _, problem) => {
    expect(problemsOf(fileOf(`  A: { repo: ${repo} }\n  B: { repo: ${repo} }`))).toEqual([
      `6:14+${repo.length} ${problem}`,
      `7:14+${repo.length} ${problem}`,
    ])
  })

  test('two jobs of a repository whose owner is wrong or missing are not compared', () => {
    const text = fileOf('  A: { repo: b }\n  B: { repo: b }')
    expect(problemsOf(text.replace('acme', '-x'))).toEqual([
      '2:8+2 "-x" is not a valid GitHub user or organization name: it starts or ends with a hyphen',
    ])
    expect(problemsOf(text.replace('acme', '1'))).toEqual([
      '2:8+1 "owner" must be a text, not the number 1 | put it in quotes',
    ])
    const noOwner = '"b" has no owner | write owner/name, or set the key "owner" of the file'
    expect(problemsOf(text.replace('owner: acme', 'max-parallel: 1'))).toEqual([
      `6:14+1 ${noOwner}`,
      `7:14+1 ${noOwner}`,
    ])
  })
})

describe('job ids', () => {
  const rule = 'start with a letter or _, followed by letters, digits, - and _'

  test('a job id may have 100 characters', () => {
    expect(problemsOf(fileOf(`  ${'a'.repeat(100)}: {}\n  ${'b'.repeat(101)}: {}`))).toEqual([
      `7:3+101 the job id "${'b'.repeat(59)}…" is longer than 100 characters`,
    ])
  })

  test.each([
    ['"-a b"', '-a b', ''],
    ['é', 'é', ''],
    ['a.b.c', 'a.b.c', '; for a repository of that name: a-b-c: { repo: a.b.c }'],
    ['9.x', '9.x', '; for a repository of that name: _9-x: { repo: 9.x }'],
  ])('the job id %s is refused', (written, id, instead) => {
    expect(problemsOf(fileOf(`  ${written}: {}`))).toEqual([
      `6:3+${written.length} "${id}" is not a valid job id | ${rule}${instead}`,
    ])
  })
})

describe('the place of a problem', () => {
  test('columns and lengths count a character outside the basic plane once', () => {
    const rule = 'start with a letter or _, followed by letters, digits, - and _'
    expect(problemsOf(fileOf("  a: { inputs: { 🙂: 1, '🙂🙂': [1] } }"))).toEqual([
      `6:18+1 "🙂" is not a valid input name | ${rule}`,
      `6:24+4 "🙂🙂" is not a valid input name | ${rule}`,
      '6:30+3 the input "🙂🙂" must be a text, a number, true or false, not a list',
    ])
  })

  test.each(['\u{10000}', '\u{103ff}', '\u{10ffff}', '\ue000', '\ud7ff'])('the character %j counts once', (char) => {
    expect(problemsOf(fileOf(`  a: { inputs: { x: '${char}', y: [] } }`)).at(-1)).toMatch(/^6:29\+2 /u)
  })

  test('a problem of several lines is underlined in its first line only', () => {
    const text = fileOf('  a: { repo: [b,\n    c] }')
    expect(problemsOf(text)).toEqual(['6:14+3 "repo" must be a text, not a list'])
    expect(problemsOf(text.replaceAll('\n', '\r\n'))).toEqual(['6:14+3 "repo" must be a text, not a list'])
  })

  test('the same problem at the same place is reported once, however many aliases lead there', () => {
    const text = fileOf('  a: { inputs: &x { y: [] } }\n  b: { inputs: *x }')
    expect(problemsOf(text)).toEqual(['6:24+2 the input "y" must be a text, a number, true or false, not a list'])
  })

  test('the first 50 problems have a hint', () => {
    const problems = problemsOf(fileOf(jobs(60, () => '{ needs: j5x }')))
    expect(problems.filter((problem) => problem.includes(' | '))).toHaveLength(50)
    expect(problems[49]).toContain(' | did you mean j5?')
    expect(problems[50]).toBe('56:17+3 unknown job "j5x"')
  })
})
