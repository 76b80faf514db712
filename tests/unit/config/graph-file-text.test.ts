import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseGraphFile } from '../../../src/config/graph-file.js'
import { renderGraphFile } from '../../../src/config/init/graph-file-text.js'
import type { GraphDraft } from '../../../src/config/init/graph-file-text.js'
import { chooseJobIds } from '../../../src/config/init/job-ids.js'
import { ownerProblem, repositoryProblem } from '../../../src/model/repo-name.js'

const schema = './orchestrator.schema.json'

function draftOf(changed: Partial<GraphDraft> = {}): GraphDraft {
  return {
    owner: 'acme',
    branches: ['PAY-*'],
    statusContext: 'orchestrator-build',
    workflow: 'build.yml',
    jobs: [
      { id: 'lib', repo: 'acme/lib', workflow: null, needs: [], leftOut: [] },
      {
        id: 'shop',
        repo: 'Acme/shop',
        workflow: 'ci.yml',
        needs: [{ id: 'lib', comment: 'package.json:3 names @acme/lib' }],
        leftOut: [{ id: 'lib', comment: 'go.mod:4 names x' }],
      },
      { id: 'tool', repo: 'other/the.tool', workflow: null, needs: [{ id: 'lib', comment: null }], leftOut: [] },
    ],
    ...changed,
  }
}

describe('the text of a new graph file', () => {
  test('begins with the line for editors, and explains each key', () => {
    const text = renderGraphFile(draftOf(), schema)
    expect(text.split('\n')[0]).toBe('# yaml-language-server: $schema=./orchestrator.schema.json')
    expect(text).toContain(`
jobs:
  lib: {}
  shop:
    workflow: ci.yml
    needs:
      - lib # package.json:3 names @acme/lib
    # left out, because it is part of a cycle: needs lib # go.mod:4 names x
  tool:
    repo: other/the.tool
    needs:
      - lib
`)
    for (const key of [
      'version',
      'owner',
      'branches',
      'status-context',
      'defaults',
      '  workflow',
      '  timeout-minutes',
      'jobs',
    ]) {
      expect(text).toMatch(new RegExp(`# .*\\n *${key}:`, 'u'))
    }
  })

  test('is read as the same graph', () => {
    const parsed = parseGraphFile(renderGraphFile(draftOf(), schema))
    expect(parsed).toMatchObject({ ok: true, warnings: [] })
    if (!parsed.ok) return
    expect(parsed.graph.branches).toEqual(['PAY-*'])
    expect(parsed.graph.jobs.map(({ id, repo, needs, workflow }) => [id, repo, needs.join(), workflow])).toEqual([
      ['lib', 'acme/lib', '', 'build.yml'],
      ['shop', 'acme/shop', 'lib', 'ci.yml'],
      ['tool', 'other/the.tool', 'lib', 'build.yml'],
    ])
  })

  const letter = fc.constantFrom(...Array.from('abnoyANtrueflsdxX019._-'))
  const name = fc
    .oneof(
      fc.array(letter, { minLength: 1, maxLength: 12 }).map((all) => all.join('')),
      fc.constantFrom('null', 'true', 'No', '1e3', '0x1'),
    )
    .filter((text) => repositoryProblem(text) === undefined)
  const owner = fc
    .oneof(name, fc.constantFrom('y', 'on', '123', 'null'))
    .filter((text) => ownerProblem(text) === undefined)

  test('is read as the same repositories, whatever they are called and whatever their files say', () => {
    fc.assert(
      fc.property(
        owner,
        fc.uniqueArray(name, { minLength: 1, maxLength: 8, selector: (text) => text.toLowerCase() }),
        fc.oneof(
          fc.string({ unit: 'binary-ascii' }),
          fc.constantFrom('a\u2028b', '\u0085x', '\ud800', '\ufeff', '# x\r\n- y'),
        ),
        (of, names, comment) => {
          const repositories = names.map((each) => `${of}/${each}`)
          const ids = chooseJobIds(repositories, 'orchestrator-build')
          const first = ids.get(repositories[0]!)!
          const jobs = repositories.map((repo, index) => ({
            id: ids.get(repo)!,
            repo,
            workflow: null,
            needs: index === 0 ? [] : [{ id: first, comment }],
            leftOut: [{ id: first, comment }],
          }))
          const parsed = parseGraphFile(renderGraphFile(draftOf({ owner: of, jobs }), schema))
          if (!parsed.ok) throw new Error(JSON.stringify(parsed.diagnostics))
          expect(parsed.graph.jobs.map(({ repo }) => repo)).toEqual(repositories)
          expect(parsed.graph.jobs.flatMap(({ needs }) => needs)).toEqual(names.slice(1).map(() => first))
        },
      ),
    )
  })
})

describe('job ids', () => {
  test.each([
    [
      ['acme/lib', 'acme/api'],
      ['lib', 'api'],
    ],
    [
      ['acme/my.lib', 'acme/my-lib'],
      ['my-lib-2', 'my-lib'],
    ],
    [
      ['acme/1st', 'acme/.github'],
      ['_1st', '_-github'],
    ],
    [
      ['acme/lib', 'other/LIB'],
      ['lib', 'LIB-2'],
    ],
    [['acme/orchestrator-build'], ['orchestrator-build-2']],
    [
      [`acme/${'a'.repeat(100)}`, `acme/${'a'.repeat(99)}b`],
      ['a'.repeat(90), `${'a'.repeat(90)}-2`],
    ],
  ])('the ids of %j are %j', (repositories, ids) => {
    expect([...chooseJobIds(repositories, 'orchestrator-build').values()]).toEqual(ids)
  })
})
