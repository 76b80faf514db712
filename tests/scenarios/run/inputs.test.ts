import { describe, expect, test } from 'vitest'
import { Scene } from '../../support/scene.js'

const graph = `version: 1
owner: acme
branches: DPTA-*
jobs:
  repoA:
    inputs: { which: '\${{ branch }}', by: 'orch:\${{ orchestration.id }}/\${{ job.attempt }}' }
  repoB: {}
  repoC:
    needs: [repoA, repoB]
    inputs:
      a-run: '\${{ needs.repoA.run-id }}'
      a-url: '\${{ needs.repoA.run-url }}'
      a-head: '\${{ needs.repoA.head-sha }}'
      a-result: '\${{ needs.repoA.result }}'
      b-run: 'x\${{ needs.repoB.run-id }}\${{ needs.repoB.head-sha }}'
      b-result: '\${{ needs.repoB.result }}'
      literal: 1.10
`

function declaring(names: string[]): Record<string, string> {
  const inputs = names.map((name) => `      ${name}: { type: string }\n`).join('')
  return {
    '.github/workflows/build.yml': `on:
  workflow_dispatch:
    inputs:
${inputs}jobs: { build: { runs-on: x, steps: [{ run: 'true' }] } }
`,
  }
}

describe('inputs', () => {
  test('inputs arrive at the workflow with their expressions resolved', async () => {
    await using scene = await Scene.open({ graph })
    await scene.push('repoA', 'main', declaring(['which', 'by']))
    await scene.push(
      'repoC',
      'main',
      declaring(['a-run', 'a-url', 'a-head', 'a-result', 'b-run', 'b-result', 'literal']),
    )
    const head = await scene.push('repoA', 'DPTA-1')
    await scene.push('repoC', 'DPTA-1')
    const { code } = await scene.orch('run DPTA-1')
    expect(code).toBe(0)
    const [inA, inC] = scene.sandbox.admin.runs()
    expect(inA?.inputs.which).toBe('DPTA-1')
    expect(inA?.inputs.by).toMatch(/^orch:[a-z0-9]+\/1$/u)
    expect(inC?.inputs).toEqual({
      'a-run': String(inA?.id),
      'a-url': `http://127.0.0.1:9/acme/repoA/actions/runs/${inA?.id}`,
      'a-head': head,
      'a-result': 'success',
      'b-run': 'x',
      'b-result': 'skipped',
      literal: '1.10',
    })
  })

  test('the run ID in an input comes from the dispatch response', async () => {
    await using scene = await Scene.open()
    await scene.push('repoB', 'DPTA-1')
    await scene.orch('run DPTA-1')
    const dispatch = scene.sandbox.requests.find(({ path }) => path.endsWith('/dispatches'))
    expect(dispatch?.body).toMatchObject({ ref: 'DPTA-1', return_run_details: true })
    expect(scene.sandbox.requests.some(({ method, path }) => method === 'GET' && /\/runs(\?|$)/u.test(path))).toBe(
      false,
    )
  })
})
