import { describe, expect, test } from 'vitest'
import type { Diagnostic } from '../../src/model/diagnostic.js'
import { renderDiagnostics } from '../../src/report/views/diagnostics-view.js'

const at = (line: number, column: number, length: number, more: Partial<Diagnostic> = {}): Diagnostic => ({
  severity: 'error',
  message: 'wrong',
  line,
  column,
  length,
  ...more,
})

describe('the diagnostics of the graph file', () => {
  test('a diagnostic shows its position, the source line, carets and the hint', () => {
    const text = 'jobs:\n  repoB: { needs: repA }\n'
    const diagnostic = at(2, 19, 4, { message: 'unknown job "repA"', hint: 'did you mean repoA?' })
    expect(renderDiagnostics('orchestrator.yaml', text, [diagnostic])).toBe(
      [
        'orchestrator.yaml:2:19: unknown job "repA"',
        '  2 |   repoB: { needs: repA }',
        '    |                   ^^^^',
        '  did you mean repoA?',
      ].join('\n'),
    )
  })

  test('a diagnostic of severity warning is labelled as a warning', () => {
    expect(renderDiagnostics('f', 'a', [at(1, 1, 1, { severity: 'warning' })])).toMatch(/^f:1:1: warning: wrong\n/u)
  })

  test('carets stand below their position after tabs and wide characters', () => {
    expect(
      renderDiagnostics('f', '\t日本🙂x: y\r\n', [at(1, 5, 1)])
        .split('\n')
        .slice(1),
    ).toEqual(['  1 |     日本🙂x: y', '    |           ^'])
  })

  test('a wide character is underlined by two carets', () => {
    expect(renderDiagnostics('f', '日本', [at(1, 1, 2)]).split('\n')[2]).toBe('    | ^^^^')
  })

  test('a long source line is cut around the position of the diagnostic', () => {
    const [, line = '', carets = ''] = renderDiagnostics('f', `${'a'.repeat(500)}XYZ${'b'.repeat(500)}`, [
      at(1, 501, 3),
    ]).split('\n')
    expect(line.length).toBeLessThan(120)
    expect(line.slice(carets.indexOf('^'), carets.lastIndexOf('^') + 1)).toBe('XYZ')
    expect(line).toMatch(/^ {2}1 \| …a+XYZb+…$/u)
  })

  test('a diagnostic prints no control character, escape sequence or bidirectional override', () => {
    const evil = 'a\u001b[31m\u202e\u0085b'
    const shown = renderDiagnostics(evil, evil, [at(1, 1, 1, { message: evil, hint: `${evil}\nforged` })])
    expect(shown.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u)
    expect(shown.split('\n')).toHaveLength(4)
  })

  test('50 diagnostics are printed and the rest is counted', () => {
    const many = Array.from({ length: 53 }, () => at(1, 1, 1))
    const blocks = renderDiagnostics('f', 'a', many).split('\n\n')
    expect(blocks).toHaveLength(51)
    expect(blocks.at(-1)).toBe('and 3 more')
  })

  test('a position after the last line has no excerpt', () => {
    expect(renderDiagnostics('f', 'a\n', [at(2, 1, 1)])).toBe('f:2:1: wrong')
  })
})
