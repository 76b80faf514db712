import { appendFile, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { exampleGraph } from '../../support/example-graph.js'
import { Scene } from '../../support/scene.js'

/** A scene whose orchestration was interrupted during the build of repoB, with the path of its journal. */
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
  test('orch resume continues after a torn last line, which it removes', async () => {
    const { scene, journal } = await cutOff()
    await using current = scene
    await appendFile(journal, '{"type":"run-obser')
    expect(await current.orch('resume DPTA-1')).toMatchObject({ code: 0, stderr: '' })
    const lines = (await readFile(journal, 'utf8')).trimEnd().split('\n')
    expect(() => lines.map((line) => JSON.parse(line) as unknown)).not.toThrow()
    expect(current.dispatches()).toHaveLength(1)
  })

  test.each([
    ['a journal of a newer version', (text: string) => text.replace('"journal":2', '"journal":3'), 'newer orch'],
    ['a line that is not an event', (text: string) => text.replace('\n', '\nnonsense\n'), 'is damaged'],
    [
      'events in an order that no orchestration wrote',
      (text: string) => text.replace(/\{"type":"dispatch-requested".*\n/u, ''),
      'contradict each other',
    ],
  ])('orch resume refuses %s and leaves it unchanged', async (_name, edit, said) => {
    const { scene, journal, id } = await cutOff()
    await using current = scene
    const edited = edit(await readFile(journal, 'utf8'))
    await writeFile(journal, edited)
    const { code, stderr, stdout } = await current.orch(`resume ${id}`)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain(said)
    expect(await readFile(journal, 'utf8')).toBe(edited)
  })

  test('orch resume names the changes in the graph file, and continues with --force', async () => {
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

  test.each(['nosuchid', '../../etc/passwd'])('orch resume of an ID that does not exist (%s) exits 2', async (id) => {
    await using scene = await Scene.open()
    const { code, stderr } = await scene.orch(`resume ${id}`)
    expect(code).toBe(2)
    expect(stderr).toContain('there is no orchestration')
  })

  test('orch resume says when there is nothing to resume', async () => {
    await using scene = await Scene.open()
    const { code, stderr } = await scene.orch('resume')
    expect(code).toBe(2)
    expect(stderr).toContain('nothing to resume')
  })

  test('orch run starts a new orchestration beside an unfinished one only on request, and takes over its build', async () => {
    const { scene } = await cutOff()
    await using current = scene
    // A process that dies this early leaves no record of the build.
    const head = await current.head('repoB', 'DPTA-1')
    await current.postStatus('repoB', head, 'error', 'none', { context: 'orchestrator-build/repoB' })
    expect((await current.orch('run DPTA-1')).stderr).toContain('is unfinished')
    const { code, stdout } = await current.orch('run DPTA-1 --new')
    expect(code).toBe(0)
    expect(stdout).toMatch(/repoB +found/u)
    expect(current.dispatches()).toHaveLength(1)
  })
})
