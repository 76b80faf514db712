import { describe, expect, test } from 'vitest'
import { parseGraphFile } from '../../../src/config/graph-file.js'
import { fingerprints } from '../../../src/model/build/fingerprint.js'
import { handoffLength, handoffTemplate } from '../../../src/model/build/handoff.js'
import { resolveTemplate } from '../../../src/model/build/template.js'
import type { TemplateContext } from '../../../src/model/build/template.js'
import type { Graph } from '../../../src/model/graph.js'

const from = [
  { job: 'lib', repository: 'acme/lib' },
  { job: 'skipped', repository: 'acme/skipped' },
]
const context: TemplateContext = {
  branch: 'DPTA-1',
  orchestrationId: 'k3x9',
  attempt: 1,
  needs: new Map([
    ['lib', { 'head-sha': 'abc', 'run-id': '30000000001', 'run-url': 'https://x/7', result: 'success' }],
    ['skipped', { 'head-sha': '', 'run-id': '', 'run-url': '', result: 'skipped' }],
  ]),
}

function graphOf(jobs: string): Graph {
  const parsed = parseGraphFile(`version: 1\nowner: acme\nbranches: DPTA-*\njobs:\n${jobs}`)
  if (!parsed.ok) throw new Error(parsed.diagnostics.map(({ message }) => message).join(', '))
  return parsed.graph
}

describe('the input handoff', () => {
  test('names the runs of the jobs that hand on, and leaves out those without a run', () => {
    const [entry] = from
    expect(JSON.parse(resolveTemplate(handoffTemplate(from), context))).toEqual([
      { job: entry?.job, repository: entry?.repository, run_id: 30000000001, artifact: 'trigger-context' },
    ])
    expect(resolveTemplate(handoffTemplate(from.slice(1)), context)).toBe('[]')
  })

  test('is never longer than its greatest length', () => {
    const template = handoffTemplate(from)
    expect(resolveTemplate(template, context).length).toBeLessThan(handoffLength(template))
  })

  test('goes to the jobs that need one that hands on, with the repository of that job', () => {
    const { jobs } = graphOf('  a: { repo: lib, handoff: true }\n  b: { needs: a }\n  c: { needs: b }\n')
    expect(jobs.map(({ id, handoff, inputs }) => [id, handoff, inputs])).toEqual([
      ['a', true, {}],
      ['b', undefined, { handoff: handoffTemplate([{ job: 'a', repository: 'acme/lib' }]) }],
      ['c', undefined, {}],
    ])
    expect(graphOf('  a: { handoff: false }\n  b: { needs: a }\n').jobs.map(({ inputs }) => inputs)).toEqual([{}, {}])
  })

  test('is part of what a job builds: another job that hands on makes another fingerprint', () => {
    const heads = () => ({ headSha: 'a'.repeat(40), defaultBranchSha: null })
    const prints = ['a', 'b', 'none'].map((handing) => {
      const jobs = ['a', 'b'].map((id) => `  ${id}: { handoff: ${id === handing} }\n`).join('')
      return fingerprints(graphOf(`${jobs}  c: { needs: [a, b] }\n`), 'DPTA-1', heads)
    })
    expect(new Set(prints.map((each) => each.get('c'))).size).toBe(3)
    expect(new Set(prints.map((each) => each.get('a'))).size).toBe(1)
  })
})
