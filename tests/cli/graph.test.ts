import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Scene } from '../support/scene.js'

/** The example graph with a change in repoB and repoE, of which the build of repoE fails. */
async function failedChange(): Promise<Scene> {
  const scene = await Scene.open()
  for (const name of ['repoB', 'repoE']) await scene.change(name, 'DPTA-1')
  scene.builds.script('acme/repoE').concludes('failure')
  await scene.orch('run DPTA-1')
  return scene
}

/** The lines of a drawing, each without the blanks around it. */
function linesOf(text: string): string[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => line.trim())
}

describe('without a branch', () => {
  test('orch graph lists the jobs in the order of the graph, and sends no request', async () => {
    await using scene = await Scene.open()
    const { code, stdout } = await scene.orch('graph', { env: { GH_ENTERPRISE_TOKEN: '' } })
    expect([code, linesOf(stdout)]).toEqual([
      0,
      [
        'Job    Needs                Repository  Workflow',
        'repoA  -                    acme/repoA  build.yml',
        'repoB  repoA                acme/repoB  build.yml',
        'repoC  repoA                acme/repoC  build.yml',
        'repoD  repoA                acme/repoD  build.yml',
        'repoE  repoB, repoC, repoD  acme/repoE  build.yml',
      ],
    ])
    expect(scene.sandbox.requests).toEqual([])
  })

  test('the drawings for Mermaid and Graphviz have every job and every need once', async () => {
    await using scene = await Scene.open()
    expect(linesOf((await scene.orch('graph --format mermaid')).stdout)).toEqual([
      'flowchart LR',
      ...['A', 'B', 'C', 'D', 'E'].map((letter, index) => `j${index}["repo${letter}"]`),
      ...['j0 --> j1', 'j0 --> j2', 'j0 --> j3', 'j1 --> j4', 'j2 --> j4', 'j3 --> j4'],
    ])
    const dot = linesOf((await scene.orch('graph --format dot')).stdout)
    expect([dot[0], dot.at(-1)]).toEqual(['digraph orch {', '}'])
    expect(dot.filter((line) => line.includes('label='))).toHaveLength(5)
    expect(dot.filter((line) => line.includes('->'))).toContain('"repoB" -> "repoE"')
    expect(dot.filter((line) => line.includes('->'))).toHaveLength(6)
  })
})

describe('with a branch', () => {
  test('the jobs have the state of the newest orchestration', async () => {
    await using scene = await failedChange()
    const { code, stdout } = await scene.orch('graph DPTA-1')
    expect(code).toBe(0)
    const states = linesOf(stdout).map((line) => line.split(/ {2,}/u).slice(0, 2))
    expect(states).toEqual([
      ['Job', 'State'],
      ['repoA', 'skipped'],
      ['repoB', expect.stringMatching(/^succeeded \d+s$/u)],
      ['repoC', 'skipped'],
      ['repoD', 'skipped'],
      ['repoE', expect.stringMatching(/^failed \d+s$/u)],
    ])
  })

  test('on another machine, which has no orchestration, the jobs have the states of the commit statuses', async () => {
    await using scene = await failedChange()
    await scene.change('repoC', 'DPTA-2')
    const directory = await scene.anotherFolder()
    const first = await scene.orch('graph DPTA-1', { directory })
    expect(linesOf(first.stdout).map((line) => line.split(/ {2,}/u)[1])).toEqual([
      'State',
      'no branch',
      'failure',
      'no branch',
      'no branch',
      'failure',
    ])
    const second = await scene.orch('graph DPTA-2', { directory })
    expect(linesOf(second.stdout)[3]).toMatch(/^repoC {2}not built yet/u)
  })

  test('--output writes the format that the name ends in, with colours for light and dark, and nothing to stdout', async () => {
    await using scene = await failedChange()
    const { code, stdout } = await scene.orch('graph DPTA-1 --output graph.svg')
    expect([code, stdout]).toEqual([0, ''])
    const svg = await readFile(join(scene.directory, 'graph.svg'), 'utf8')
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/u)
    expect(svg).toContain('prefers-color-scheme: dark')
    expect(svg.match(/class="node (?:good|bad|idle)/gu)?.sort()).toEqual([
      'class="node bad',
      'class="node good',
      ...Array.from({ length: 3 }, () => 'class="node idle'),
    ])
  })

  test('Mermaid and Graphviz colour the jobs', async () => {
    await using scene = await failedChange()
    const mermaid = linesOf((await scene.orch('graph DPTA-1 --format mermaid')).stdout)
    expect(mermaid).toContainEqual(expect.stringMatching(/^j4\["repoE<br\/>failed \d+s"\]:::failed$/u))
    expect(mermaid).toContainEqual(expect.stringMatching(/^classDef failed fill:#cf222e/u))
    const dot = (await scene.orch('graph DPTA-1 --format dot')).stdout
    expect(dot).toMatch(/"repoE" \[label="repoE\\nfailed \d+s", color="#cf222e"/u)
    expect(dot).toMatch(/"repoA" \[label="repoA\\nskipped", .*style="rounded,dashed"\]/u)
  })
})

describe('bad input', () => {
  test('a branch that is not one of a change, and an unknown format, return 2', async () => {
    await using scene = await Scene.open()
    expect((await scene.orch('graph main')).code).toBe(2)
    expect((await scene.orch('graph --format png')).code).toBe(2)
  })

  test('a file that cannot be written returns 1 and says what to do', async () => {
    await using scene = await Scene.open()
    const { code, stderr } = await scene.orch('graph --output absent/graph.svg')
    expect(code).toBe(1)
    expect(stderr).toContain('absent/graph.svg cannot be written')
    expect(stderr).toContain('Name a file in a folder that exists')
  })

  test('a repository that cannot be read is drawn so, and the exit code is not 0', async () => {
    await using scene = await Scene.open({ private: ['repoC'] })
    await scene.change('repoB', 'DPTA-1')
    const token = scene.sandbox.admin.createToken('bot', { 'acme/repoC': 'none', '*': { contents: 'read' } })
    const { code, stdout } = await scene.orch('graph DPTA-1', { env: { GH_ENTERPRISE_TOKEN: token } })
    expect(code).not.toBe(0)
    expect(linesOf(stdout)[3]).toMatch(/^repoC {2}not read/u)
  })
})
