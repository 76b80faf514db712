import { describe, expect, test } from 'vitest'
import { drawDot } from '../../src/report/graph/dot.js'
import { drawMermaid, fitsMermaid } from '../../src/report/graph/mermaid.js'
import { drawSvg, drawSvgDocument } from '../../src/report/graph/svg.js'
import { drawText } from '../../src/report/graph/text.js'
import type { GraphJob } from '../../src/report/views/graph-view.js'

function job(id: string, more: Partial<GraphJob> = {}): GraphJob {
  return {
    id,
    repo: `acme/${id}`,
    workflow: 'build.yml',
    needs: [],
    displayState: 'waiting',
    state: '',
    isPart: true,
    ...more,
  }
}

const hostile = job(`a"]-->x<script>alert(1)</script>\\`, { state: 'running </text>"] --> y', displayState: 'active' })

describe('hostile text', () => {
  test('ends no label of Mermaid and begins no HTML in it', () => {
    expect(drawMermaid([hostile])).not.toMatch(/<script|-->|"\].*"\]/u)
  })

  test('ends no string of Graphviz', () => {
    const [, , , node] = drawDot([hostile]).split('\n')
    expect(node?.replace(/"(?:[^"\\]|\\.)*"/gu, '""')).toBe('  "" [label="", color="", fillcolor=""]')
  })

  test('begins no element of SVG', () => {
    for (const svg of [drawSvg([hostile]), drawSvgDocument([hostile])]) {
      expect(svg).not.toContain('<script')
      expect(svg.match(/<\/text>/gu)).toHaveLength(2)
    }
  })
})

describe('the table', () => {
  const jobs = [job('api', { state: 'succeeded 2m', displayState: 'succeeded' }), job('web', { needs: ['api'] })]

  test('keeps the names and the states at 40 columns, and cuts what is less important', () => {
    const lines = drawText(jobs, { color: false, columns: 40 }).split('\n')
    expect(lines[1]).toMatch(/^api {2}succeeded 2m {2}- {6}acme\/api/u)
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(40)
  })

  test('paints a state as its result', () => {
    expect(drawText(jobs, { color: true, columns: 80 })).toContain('\u001b[32msucceeded 2m')
  })
})

test('a graph that GitHub does not draw is told from one that it draws', () => {
  const ids = Array.from({ length: 101 }, (_, index) => `j${index}`)
  expect([fitsMermaid(ids.slice(1).map((id) => job(id))), fitsMermaid(ids.map((id) => job(id)))]).toEqual([true, false])
})
