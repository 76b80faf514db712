import { describe, expect, test } from 'vitest'
import { markedWorkflow } from '../support/example-graph.js'
import { Scene } from '../support/scene.js'

const path = '.github/workflows/build.yml'

/** A graph with an answer of each kind: two repositories without the marker, one without the file and the rule, and auto-merge in one. */
async function graph(): Promise<Scene> {
  const scene = await Scene.open({ unprotected: ['repoC'] })
  for (const name of ['repoA', 'repoD', 'repoE']) await scene.push(name, 'main', { [path]: markedWorkflow })
  await scene.push('repoC', 'main', { [path]: null })
  scene.sandbox.admin.allowAutoMerge('acme/repoE')
  await scene.change('repoB', 'DPTA-1')
  return scene
}

/** Node's version is that of the machine. */
function withoutVersion(text: string): string {
  return text.replace(/Node \d+\.\d+\.\d+/u, 'Node <version>')
}

describe('the output of orch doctor', () => {
  test.each([40, 80, 200])('fits a terminal of %i columns', async (columns) => {
    await using scene = await graph()
    const { code, stdout } = await scene.orch('doctor DPTA-1', { terminal: { columns, rows: 50 } })
    expect(code).toBe(1)
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(columns)
    await expect(withoutVersion(stdout)).toMatchFileSnapshot(`./outputs/doctor.${columns}.txt`)
  })

  test('is the same through a pipe as on the widest terminal', async () => {
    await using scene = await graph()
    const piped = await scene.orch('doctor DPTA-1')
    await using again = await graph()
    const { stdout } = await again.orch('doctor DPTA-1', { terminal: { columns: 200, rows: 50 } })
    expect(piped.stdout).toBe(stdout)
  })

  test('uses ASCII where the locale has no other characters', async () => {
    await using scene = await graph()
    const { stdout } = await scene.orch('doctor', { env: { LC_ALL: 'C' } })
    expect(stdout).toMatch(/^x failed {3}ruleset/mu)
    expect(stdout).toMatch(/^[\n -~]*$/u)
  })
})
