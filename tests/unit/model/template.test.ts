import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseTemplate } from '../../../src/config/expression.js'
import { resolveTemplate } from '../../../src/model/build/template.js'
import type { TemplateContext } from '../../../src/model/build/template.js'

const context: TemplateContext = {
  branch: 'DPTA-1 ${{ job.attempt }}',
  orchestrationId: 'k3x9',
  attempt: 2,
  needs: new Map([
    ['lib', { 'head-sha': 'abc', 'run-id': '7', 'run-url': 'https://x/7', result: 'success' }],
    ['skipped', { 'head-sha': '', 'run-id': '', 'run-url': '', result: 'skipped' }],
  ]),
}

function resolve(source: string): string {
  const { template, problems } = parseTemplate(source)
  expect(problems).toEqual([])
  return resolveTemplate(template, context)
}

describe('resolveTemplate', () => {
  test.each([
    ['', ''],
    ['plain }} text $ {{', 'plain }} text $ {{'],
    ['${{ orchestration.id }}/${{job.attempt}}', 'k3x9/2'],
    ['${{ needs.lib.head-sha }},${{ needs.lib.run-id }}', 'abc,7'],
    ['${{ needs.lib.run-url }} ${{ needs.lib.result }}', 'https://x/7 success'],
    ['[${{ needs.skipped.run-id }}]', '[]'],
    ['[${{ needs.unheard-of.run-id }}]', '[]'],
  ])('resolveTemplate turns %j into %j', (source, text) => {
    expect(resolve(source)).toBe(text)
  })

  test('resolveTemplate does not resolve a value that looks like an expression', () => {
    expect(resolve('${{ branch }}')).toBe('DPTA-1 ${{ job.attempt }}')
  })

  test('resolveTemplate returns text without an expression unchanged', () => {
    fc.assert(
      fc.property(
        fc.string().filter((text) => !text.includes('${{')),
        (text) => {
          expect(resolve(text)).toBe(text)
        },
      ),
    )
  })
})

describe('parseTemplate', () => {
  test.each([
    ['a ${{ branch', 2, 12],
    ['${{ ${{ branch }}', 0, 4],
    ['${{ }}', 0, 6],
    ['x${{ nope }}', 1, 12],
    ['${{ needs.lib }}', 0, 16],
    ['${{ needs.lib.sha }}', 0, 20],
    ['${{ needs.lib.result.x }}', 0, 25],
    ['${{ needs..result }}', 0, 20],
  ])('parseTemplate reports the only problem of %j from offset %i to %i', (source, start, end) => {
    expect(parseTemplate(source).problems).toEqual([expect.objectContaining({ start, end })])
  })

  test('parseTemplate returns the jobs that it refers to with their places', () => {
    expect(parseTemplate('a ${{ needs.x.result }}${{ branch }}${{ needs.y.run-id }}').references).toEqual([
      { job: 'x', start: 2, end: 23 },
      { job: 'y', start: 36, end: 57 },
    ])
  })
})
