import { appendFile, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { exampleGraph } from '../support/example-graph.js'
import { Scene } from '../support/scene.js'

/** A scene whose orchestration was cut off while repoB was building, with the path of its journal. */
async function cutOff(): Promise<{ scene: Scene; journal: string; id: string }> {
  const scene = await Scene.open()
  await scene.change('repoB', 'DPTA-1')
  await scene.orch('run DPTA-1')
  const folder = join(scene.directory, '.orch', 'orchestrations')
  const name = (await readdir(folder)).find((file) => file.endsWith('.jsonl')) ?? ''
  const journal = join(folder, name)
  const lines = (await readFile(journal, 'utf8')).split('\n')
  const accepted = lines.findIndex((line) => line.includes('"type":"dispatch-accepted"'))
  await writeFile(journal, `${lines.slice(0, accepted + 1).join('\n')}\n`)
  return { scene, journal, id: name.replace('.jsonl', '') }
}

describe('orch resume', () => {
  test('goes on behind a torn last line, which it cuts off', async () => {
    const { scene, journal } = await cutOff()
    await using current = scene
    await appendFile(journal, '{"type":"run-obser')
    expect(await current.orch('resume')).toMatchObject({ code: 0, stderr: '' })
    const lines = (await readFile(journal, 'utf8')).trimEnd().split('\n')
    expect(() => lines.map((line) => JSON.parse(line) as unknown)).not.toThrow()
    expect(current.dispatches()).toHaveLength(1)
  })

  test.each([
    ['a journal of a newer version', (text: string) => text.replace('"journal":1', '"journal":2'), 'newer orch'],
    ['a line that is not an event', (text: string) => text.replace('\n', '\nnonsense\n'), 'is damaged'],
    [
      'events in an order that no orchestration wrote',
      (text: string) => text.replace(/\{"type":"dispatch-requested".*\n/u, ''),
      'do not follow from each other',
    ],
  ])('refuses %s and leaves it as it is', async (_name, edit, said) => {
    const { scene, journal, id } = await cutOff()
    await using current = scene
    const edited = edit(await readFile(journal, 'utf8'))
    await writeFile(journal, edited)
    const { code, stderr, stdout } = await current.orch(`resume ${id}`)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain(said)
    expect(await readFile(journal, 'utf8')).toBe(edited)
  })

  test('names what changed in the graph file, and goes on with --force', async () => {
    const { scene } = await cutOff()
    await using current = scene
    await writeFile(
      join(current.directory, 'orchestrator.yaml'),
      exampleGraph.replace('repoC: { needs: repoA }', 'repoC: {}'),
    )
    const refused = await current.orch('resume')
    expect(refused.code).toBe(2)
    expect(refused.stderr).toContain('the job repoC was changed')
    expect((await current.orch('resume --force')).code).toBe(0)
  })

  test.each(['nosuchid', '../../etc/passwd'])('an id that is not there (%s) ends with 2', async (id) => {
    await using scene = await Scene.open()
    const { code, stderr } = await scene.orch(`resume ${id}`)
    expect(code).toBe(2)
    expect(stderr).toContain('there is no orchestration')
  })

  test('says when there is nothing to resume', async () => {
    await using scene = await Scene.open()
    const { code, stderr } = await scene.orch('resume')
    expect(code).toBe(2)
    expect(stderr).toContain('nothing to resume')
  })

  test('orch run starts anew only when asked to, and takes the build over that the first one had begun', async () => {
    const { scene } = await cutOff()
    await using current = scene
    // Whoever dies so early leaves no record of the build either.
    const head = await current.head('repoB', 'DPTA-1')
    await current.postStatus('repoB', head, 'error', 'none', { context: 'orchestrator-build/repoB' })
    expect((await current.orch('run DPTA-1')).stderr).toContain('is unfinished')
    const { code, stdout } = await current.orch('run DPTA-1 --new')
    expect(code).toBe(0)
    expect(stdout).toMatch(/repoB +found/u)
    expect(current.dispatches()).toHaveLength(1)
  })
})
