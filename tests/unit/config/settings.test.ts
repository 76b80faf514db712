import { describe, expect, test } from 'vitest'
import { parseGraphFile } from '../../../src/config/graph-file.js'
import type { Graph, Job } from '../../../src/model/graph.js'
import { fileOf, problemsOf } from './problems-of.js'

function graphOf(text: string): Graph {
  const result = parseGraphFile(text)
  if (!result.ok) throw new Error(problemsOf(text).join('\n'))
  return result.graph
}

const jobOf = (settings: string): Job | undefined => graphOf(fileOf(`  a: { ${settings} }`)).jobs[0]
const setting = (text: string): string[] => problemsOf(fileOf('  a: {}', text))
const problemsOfJob = (settings: string): string[] => problemsOf(fileOf(`  a: { ${settings} }`))

describe('the minutes of a timeout', () => {
  test('a timeout may be 35 days or a part of a minute, but not less than a millisecond', () => {
    expect(jobOf('timeout-minutes: 50400, queue-timeout-minutes: 0.5')).toMatchObject({
      timeoutMs: 3_024_000_000,
      queueTimeoutMs: 30_000,
    })
    expect(jobOf('timeout-minutes: 0.000001')?.timeoutMs).toBe(1)
  })

  test.each(['50400.1', '0', '-1', '.inf'])('a timeout of %s minutes is refused', (minutes) => {
    const range = 'a number of minutes greater than 0 and at most 50,400 (35 days)'
    expect(problemsOfJob(`queue-timeout-minutes: ${minutes}`)).toEqual([
      `6:31+${minutes.length} "queue-timeout-minutes" must be ${range}`,
    ])
  })
})

describe('retries', () => {
  test.each([0, 1, 10])('a job may have %s retries', (retries) => {
    expect(jobOf(`retries: ${retries}`)?.retries).toBe(retries)
  })

  test.each(['11', '-1', '1.5', '1e9'])('a job cannot have %s retries', (retries) => {
    expect(problemsOfJob(`retries: ${retries}`)).toEqual([
      `6:17+${retries.length} "retries" must be a whole number from 0 to 10`,
    ])
  })

  test('a job has the retries and the retry-on of the defaults, where it has none of its own', () => {
    const { jobs } = graphOf(
      fileOf('  a: {}\n  b: { retries: 0, retry-on: any }', 'defaults: { retries: 3, retry-on: infrastructure }'),
    )
    expect(jobs.map(({ retries, retryOn }) => [retries, retryOn])).toEqual([
      [3, 'infrastructure'],
      [0, 'any'],
    ])
  })

  test.each([
    ['infrastucture', 'did you mean infrastructure?'],
    ['never', 'infrastructure: startup_failure, timed_out, cancelled on GitHub'],
  ])('the retry-on "%s" is refused with a hint', (word, hint) => {
    expect(problemsOfJob(`retry-on: ${word}`)).toEqual([
      `6:18+${word.length} "retry-on" must be any or infrastructure, not "${word}" | ${hint}`,
    ])
  })

  test('without-branch of a job overrides that of the defaults, and skip is the default', () => {
    const jobs = '  a: {}\n  b: { without-branch: skip }'
    const words = (text: string) => graphOf(text).jobs.map(({ withoutBranch = 'skip' }) => withoutBranch)
    expect(words(fileOf(jobs, 'defaults: { without-branch: build }'))).toEqual(['build', 'skip'])
    expect(words(fileOf(jobs, ''))).toEqual(['skip', 'skip'])
  })

  test('a retry-on that is not a text is refused once', () => {
    expect(problemsOfJob('retry-on: 1')).toEqual([
      '6:18+1 "retry-on" must be a text, not the number 1 | put it in quotes',
    ])
  })
})

describe('the workflow of a job', () => {
  test.each(['x.yaml', '.github/workflows/x.yaml', './.github/workflows/x.yaml', '/.github/workflows/x.yaml'])(
    'the workflow "%s" is the file x.yaml',
    (path) => {
      expect(jobOf(`workflow: ${path}`)?.workflow).toBe('x.yaml')
    },
  )

  const hint = 'name a file in .github/workflows, such as build.yml'

  test.each(['x.yml/', 'a/.github/workflows/x.yml', '"a\\\\b.yml"', '"a\\tb.yml"', '../x.yml'])(
    'the workflow %s is not in .github/workflows',
    (path) => {
      const text = path.startsWith('"') ? path : `"${path}"`
      expect(problemsOfJob(`workflow: ${path}`)).toEqual([
        `6:18+${path.length} ${text} is not in .github/workflows | ${hint}`,
      ])
    },
  )

  test.each(['.yml', 'x.yml.bak', 'x.ymll', 'xyml', 'x.yl'])('the workflow %s is not a workflow file', (path) => {
    const message = `"${path}" is not a workflow file: its extension must be .yml or .yaml`
    expect(problemsOfJob(`workflow: ${path}`)).toEqual([`6:18+${path.length} ${message} | ${hint}`])
  })
})

describe('fresh-for', () => {
  test.each([
    ['400d', 34_560_000_000],
    ['9600h', 34_560_000_000],
    ['576000m', 34_560_000_000],
    ['7d12h', 648_000_000],
    ['1d2h3m', 93_780_000],
    ['12h30m', 45_000_000],
    ['90m', 5_400_000],
  ])('fresh-for: %s is %s ms', (text, ms) => {
    expect(graphOf(fileOf('  a: {}', `fresh-for: ${text}`)).freshForMs).toBe(ms)
  })

  test.each(['400d1m', '9601h', '0d', '0d0h', '1h 2m', '1h2', 'x1h', 'h', '1w', '1h1d', '00001d', ' 1d', '1d '])(
    'fresh-for: "%s" is not a duration',
    (text) => {
      const hint = 'write it like 7d, 12h or 90m; at most 400d, after which GitHub deletes runs'
      expect(setting(`fresh-for: '${text}'`)).toEqual([
        `4:12+${text.length + 2} "fresh-for" must be a duration, not "${text}" | ${hint}`,
      ])
    },
  )

  test('a fresh-for that is a number has no unit, and one that is a list is not a text', () => {
    const hint = 'write it like 7d, 12h or 90m; at most 400d, after which GitHub deletes runs'
    expect(setting('fresh-for: 7')).toEqual([`4:12+1 "fresh-for" has no unit | ${hint}`])
    expect(setting('fresh-for: [1d]')).toEqual(['4:12+4 "fresh-for" must be a text, not a list'])
  })

  test('a graph file without fresh-for and trusted-authors has neither', () => {
    const graph = graphOf(fileOf('  a: {}'))
    expect(Object.keys(graph)).toEqual(['branches', 'statusContext', 'failFast', 'maxParallel', 'jobs'])
  })
})

describe('trusted-authors', () => {
  test('trusted-authors are read as they are written, one or several', () => {
    const text = `trusted-authors: [Octocat, 'my-app[bot]', my-github-actions, github-actions-2, 'github-actions[bot]2']`
    expect(graphOf(fileOf('  a: {}', 'trusted-authors: Octocat')).trustedAuthors).toEqual(['Octocat'])
    expect(setting(text)).toEqual([
      `4:${text.lastIndexOf("'g") + 1}+22 "github-actions[bot]2" is not a valid GitHub login | write it like octocat, or my-app[bot] for an App`,
    ])
    expect(graphOf(fileOf('  a: {}', text.replace(/, 'git.*\]2'/u, ''))).trustedAuthors).toEqual([
      'Octocat',
      'my-app[bot]',
      'my-github-actions',
      'github-actions-2',
    ])
  })

  test.each(['github-actions', "'github-actions[bot]'", 'GitHub-Actions'])('%s cannot be trusted', (name) => {
    const hint = 'the GITHUB_TOKEN of every repository posts as it: name the user or App that orch runs as'
    expect(setting(`trusted-authors: ${name}`)).toEqual([
      `4:18+${name.length} "${name.replaceAll("'", '')}" cannot be trusted | ${hint}`,
    ])
  })

  test('trusted-authors without a value, and those that are not texts, are refused', () => {
    expect(setting('trusted-authors:')).toEqual([
      '4:1+15 "trusted-authors" has no value | set it to a text or a list of texts, or remove the key',
    ])
    expect(setting('trusted-authors: [a, 5, [b]]')).toEqual([
      '4:22+1 "trusted-authors" must be a list of texts, not the number 5 | put it in quotes',
      '4:25+3 "trusted-authors" must be a list of texts, not a list',
    ])
  })
})

describe('the status context', () => {
  test.each([
    ["' x'", 'starts or ends with a space'],
    ["'x '", 'starts or ends with a space'],
    ['"x\\ty"', 'contains a control character'],
    ['"x\\u2028y"', 'contains a control character'],
    ['x'.repeat(256), 'is 256 characters long, but GitHub allows at most 255'],
  ])('the status context %s is refused', (context, problem) => {
    expect(setting(`status-context: ${context}`)).toEqual([`4:17+${context.length} "status-context" ${problem}`])
  })

  test('the context of a job may have 255 characters', () => {
    const context = 'x'.repeat(253)
    expect(graphOf(fileOf('  a: {}', `status-context: ${context}`)).statusContext).toBe(context)
    expect(problemsOf(fileOf('  ab: {}', `status-context: ${context}`))).toEqual([
      '6:3+2 the status of job "ab" would have a context of 256 characters, but GitHub allows at most 255 | shorten the job id or the status-context',
    ])
    expect(setting(`status-context: ${'x'.repeat(255)}`)).toEqual([
      '6:3+1 the status of job "a" would have a context of 257 characters, but GitHub allows at most 255 | shorten the job id or the status-context',
    ])
  })
})

describe('true, false and numbers', () => {
  const not = (kind: string): string => `"fail-fast" must be true or false, not ${kind}`

  test.each([
    ['no', 2, 'the text "no" | YAML 1.2 has only true and false'],
    ['ON', 2, 'the text "ON" | YAML 1.2 has only true and false'],
    ['maybe', 5, 'the text "maybe"'],
    ['noon', 4, 'the text "noon"'],
    ['on top', 6, 'the text "on top"'],
    ['[yes]', 5, 'a list'],
    ['0', 1, 'the number 0'],
  ])('fail-fast: %s is refused', (text, length, kind) => {
    expect(setting(`fail-fast: ${text}`)).toEqual([`4:12+${length} ${not(kind)}`])
  })

  test.each([
    ["''", 'the text ""'],
    ["' '", 'the text " "'],
    ["' 3 '", 'the text " 3 " | remove the quotes'],
    ["'3'", 'the text "3" | remove the quotes'],
    ["'1e999'", 'the text "1e999"'],
    ['[3]', 'a list'],
    ['true', 'true'],
  ])('max-parallel: %s is refused', (text, kind) => {
    expect(setting(`max-parallel: ${text}`)).toEqual([
      `4:15+${text.length} "max-parallel" must be a number, not ${kind}`,
    ])
  })

  test('max-parallel must be a whole number of at least 1', () => {
    expect(graphOf(fileOf('  a: {}', 'max-parallel: 1')).maxParallel).toBe(1)
    for (const text of ['0', '1.5', '1e400', '9007199254740992']) {
      expect(setting(`max-parallel: ${text}`)).toEqual([
        `4:15+${text.length} "max-parallel" must be a whole number of at least 1 | remove it for no limit`,
      ])
    }
  })

  test('a message shows at most 60 characters of a text', () => {
    expect(setting(`fail-fast: ${'x'.repeat(60)}`)).toEqual([`4:12+60 ${not(`the text "${'x'.repeat(60)}"`)}`])
    expect(setting(`fail-fast: ${'x'.repeat(61)}`)).toEqual([`4:12+61 ${not(`the text "${'x'.repeat(59)}…"`)}`])
  })
})

describe('branches', () => {
  const branches = (text: string): string[] =>
    problemsOf(`version: 1\nowner: acme\nbranches: ${text}\nfail-fast: true\njobs: { a: {} }\n`)
  const noBranch = '"branches" matches no branch | add at least one pattern without a leading !'

  test('patterns that exclude something before the first pattern that matches have a warning each', () => {
    const hint = 'move it after the pattern from which it excludes'
    expect(branches("['!x', '!y', z, '!w']")).toEqual([
      `3:12+4 warning: "!x" excludes nothing | ${hint}`,
      `3:18+4 warning: "!y" excludes nothing | ${hint}`,
    ])
  })

  test.each([
    ["'!x'", [`3:11+4 ${noBranch}`]],
    ['[]', [`3:11+2 ${noBranch}`]],
    ['[1]', ['3:12+1 "branches" must be a list of texts, not the number 1 | put it in quotes']],
    ['{}', ['3:11+2 "branches" must be a text or a list of texts, not a map']],
    ['', ['3:1+8 "branches" has no value | set it to a text or a list of texts, or remove the key']],
  ])('branches: %s is refused', (text, problems) => {
    expect(branches(text)).toEqual(problems)
  })
})

describe('keys without a value', () => {
  test('a version without a value is refused at its key', () => {
    expect(problemsOf(fileOf('  a: {}').replace('version: 1', 'version:'))).toEqual([
      '1:1+7 "version" must be 1, not nothing | this orch reads version: 1 of the graph file',
    ])
  })

  test('jobs without a value are refused at their key, and so is an empty file', () => {
    expect(problemsOf('version: 1\nowner: a\nbranches: b\njobs:\n')).toEqual([
      '4:1+4 the file has no jobs | add a repository below it, such as repoA: {}',
    ])
    expect(problemsOf('{}\n')).toEqual([
      '1:1+1 the key "version" is missing | write version: 1',
      '1:1+1 the key "branches" is missing | name the branches of coordinated changes, such as branches: DPTA-*',
      '1:1+1 the key "jobs" is missing | name the repositories to build, such as jobs: { repoA: {}, repoB: { needs: repoA } }',
    ])
  })
})
