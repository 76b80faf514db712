import { describe, expect, test } from 'vitest'
import { displayWidth } from '../../src/lib/text-width.js'
import type { ProposedNeed } from '../../src/model/proposed-need.js'
import { renderProposal } from '../../src/report/views/proposal-view.js'
import { hostileText } from './support/stories.js'

const options = { color: false, columns: 200 }

function need(dependent: string, needed: string, ...files: string[]): ProposedNeed {
  const sources = files.map((file, index) => ({ file, line: index + 1, text: `a-package-of-${needed}` }))
  return { dependent, needed, sources }
}

const proposal = {
  owner: 'Acme',
  needs: [
    need('acme/shop', 'acme/lib', 'package.json', 'go.mod', '.gitmodules', 'Dockerfile', 'Cargo.toml'),
    need('acme/shop', 'other/tool', '.github/workflows/a-workflow-with-a-long-name.yml'),
  ],
  leftOut: [need('acme/a', 'acme/b', 'pom.xml')],
  cycles: [['acme/a', 'acme/b', 'acme/a']],
}

describe('the proposed needs', () => {
  test('are shown with the lines that they come from, and cycles with what is left out', () => {
    expect(renderProposal(proposal, options)).toBe(
      [
        'shop needs lib',
        '  package.json:1 names a-package-of-acme/lib',
        '  go.mod:2 names a-package-of-acme/lib',
        '  .gitmodules:3 names a-package-of-acme/lib',
        '  and 2 more lines',
        'shop needs other/tool',
        '  .github/workflows/a-workflow-with-a-long-name.yml:1 names a-package-of-other/tool',
        '! these need each other, so no order of them is possible: a -> b -> a',
        '! left out: a needs b',
        '  pom.xml:1 names a-package-of-acme/b',
        '',
      ].join('\n'),
    )
  })

  test('that are none are said to be none', () => {
    expect(renderProposal({ ...proposal, needs: [], leftOut: [], cycles: [] }, options)).toBe(
      'No repository names another one of the list in its files.\n',
    )
  })

  test.each([40, 80, 200])('fit into %i columns, and keep the file and the line', (columns) => {
    const lines = renderProposal(proposal, { ...options, columns }).split('\n')
    expect(lines.filter((line) => displayWidth(line) > columns)).toEqual([])
    expect(lines).toHaveLength(11)
    expect(lines[1]).toContain('package.json:1')
  })

  test('show hostile text harmlessly', () => {
    const hostile = { ...need('acme/a', 'acme/b'), sources: [{ file: hostileText, line: 1, text: hostileText }] }
    const shown = renderProposal({ ...proposal, needs: [hostile], leftOut: [hostile] }, options)
    expect(shown.split('\n')).toHaveLength(6)
    expect(shown).not.toContain(String.fromCharCode(27))
  })
})
