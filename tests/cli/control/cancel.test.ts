import { appendFileSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createSchemaCheck } from '../../report/support/schemas.js'
import type { RunningCommand } from '../../support/command.js'
import { Scene } from '../../support/scene.js'
import { cutAfter, journalFolder, journalIds, newestJournal } from '../support/cut-journal.js'

const noToken = { GH_ENTERPRISE_TOKEN: '' }

/** A scene in which a running command builds DPTA-1 in repoB. */
async function building(): Promise<{ scene: Scene; running: RunningCommand; id: string }> {
  const scene = await Scene.open()
  await scene.change('repoB', 'DPTA-1')
  scene.builds.script('acme/repoB').holds()
  const running = scene.start('run DPTA-1')
  await scene.untilBuilding('repoB')
  await scene.clock.advance(3_000)
  return { scene, running, id: (await newestJournal(scene)).id }
}

/** The same scene after the command died: its cleanup reached neither GitHub nor its journal, and the builds on GitHub continue. */
async function abandoned(lastEvent = 'run-observed') {
  const { scene, running, id } = await building()
  scene.sandbox.faults.add({ method: 'POST', action: { kind: 'hang' } })
  running.signal()
  await scene.clock.until(running.ended)
  scene.sandbox.faults.clear()
  const { path } = await cutAfter(scene, lastEvent)
  scene.sandbox.requests.length = 0
  return { scene, id, path }
}

/** The lock of another process with this pid; `start` is the process start time in the lock. */
async function placeLock(scene: Scene, id: string, pid: number, start: string): Promise<void> {
  await writeFile(join(journalFolder(scene), `${id}.lock`), `${pid}\n${start}\n`)
}

function eventLine(event: object): string {
  return `${JSON.stringify(event)}\n`
}

function lines(stderr: string): string[] {
  return stderr.trimEnd().split('\n')
}

describe('orch cancel of a driven orchestration', () => {
  test('orch cancel without a token interrupts the driving process, waits for it, and reports that it is cancelled', async () => {
    const { scene, running, id } = await building()
    await using current = scene
    const interrupted: number[] = []
    const interrupt = (pid: number): 'sent' => {
      interrupted.push(pid)
      running.signal()
      return 'sent'
    }
    const { code, stdout, stderr } = await current.orch('cancel', { env: noToken, processes: { interrupt } })
    expect(stdout).toBe(`✔ ${id}  DPTA-1  cancelled: interrupted by SIGINT; its runs were cancelled\n`)
    expect(lines(stderr)).toEqual([`Asked process ${process.pid}, which drives ${id}, to cancel its runs and end.`])
    expect({ code, interrupted }).toEqual({ code: 0, interrupted: [process.pid] })
    expect((await current.clock.until(running.ended)).code).toBe(130)
    await current.clock.until(current.sandbox.admin.idle())
    expect(current.conclusions('repoB')).toEqual(['cancelled'])
    expect(await current.status('repoB', 'DPTA-1')).toMatch(/^error run:ID interrupted by SIGINT/u)
    expect(await readdirLocks(current)).toEqual([])
  })

  test('concurrent orch cancel commands interrupt the driving process once, because a second signal would end it too early', async () => {
    const { scene, running } = await building()
    await using current = scene
    let count = 0
    const interrupt = (): 'sent' => {
      count += 1
      running.signal()
      return 'sent'
    }
    const cancels = [1, 2, 3].map(() => current.start('cancel DPTA-1', { processes: { interrupt } }))
    const ended = await current.clock.until(Promise.all(cancels.map((cancel) => cancel.ended)))
    expect(ended.map(({ code }) => code)).toEqual([0, 0, 0])
    expect(count).toBe(1)
    await current.clock.until(running.ended)
  })

  test('orch cancel does not interrupt a driving process that is already interrupted', async () => {
    const { scene, running } = await building()
    await using current = scene
    const removeFault = current.sandbox.faults.add({
      method: 'POST',
      path: /cancel$/u,
      action: { kind: 'delay', ms: 1_000 },
    })
    running.signal()
    await current.clock.advance(300)
    const interrupt = (): never => {
      throw new Error('it was asked again')
    }
    expect(await current.orch('cancel', { processes: { interrupt } })).toMatchObject({ code: 0, stderr: '' })
    removeFault()
    await current.clock.until(running.ended)
  })

  test('orch cancel waits thirty seconds for the driving process, then says what to do', async () => {
    const { scene, running, id } = await building()
    await using current = scene
    const before = current.clock.now()
    const { code, stdout, stderr } = await current.orch('cancel', { processes: { interrupt: () => 'sent' } })
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(current.clock.now() - before).toBe(30_000)
    expect(lines(stderr).slice(1)).toEqual([
      `error: process ${process.pid} was asked to end the orchestration ${id} and has not done so`,
      '  why: it is still running after 30 seconds; it may be suspended, or waiting for its disk',
      `  what to do: Check again with orch show ${id}. To end it by force: kill -KILL ${process.pid}, then orch cancel ${id}.`,
    ])
    current.builds.script('acme/repoB').release('success')
    expect((await current.clock.until(running.ended)).code).toBe(0)
  })

  test('orch cancel reports that the system forbids interrupting the driving process', async () => {
    const { scene, running } = await building()
    await using current = scene
    const { code, stderr } = await current.orch('cancel', { processes: { interrupt: () => 'refused' } })
    expect(code).toBe(1)
    expect(stderr).toContain('cannot be interrupted')
    running.signal()
    await current.clock.until(running.ended)
  })

  test('orch cancel of an orchestration that succeeds at that moment says so and exits 1', async () => {
    const { scene, running } = await building()
    await using current = scene
    const interrupt = (): 'gone' => {
      current.builds.script('acme/repoB').release('success')
      return 'gone'
    }
    const { code, stderr } = await current.orch('cancel', { processes: { interrupt } })
    expect(code).toBe(1)
    expect(stderr).toContain('was not cancelled: it had ended succeeded')
    expect((await current.clock.until(running.ended)).code).toBe(0)
  })

  test('Ctrl-C during orch cancel ends only the waiting, with 130', async () => {
    const { scene, running } = await building()
    await using current = scene
    const cancelling = current.start('cancel', { processes: { interrupt: () => 'sent' } })
    await current.clock.advance(1_000)
    cancelling.signal('SIGTERM')
    const { code, stderr } = await current.clock.until(cancelling.ended)
    expect(code).toBe(130)
    expect(stderr).toContain('error: stopped waiting at SIGTERM\n')
    expect(await readdirLocks(current)).toHaveLength(1)
    running.signal()
    await current.clock.until(running.ended)
  })
})

async function readdirLocks(scene: Scene): Promise<string[]> {
  return (await scene.files()).filter((name) => name.includes('.lock'))
}

describe('orch cancel of an abandoned orchestration', () => {
  test('orch cancel of an abandoned orchestration cancels its run on GitHub, closes its status, and ends it in its journal', async () => {
    const { scene, id, path } = await abandoned()
    await using current = scene
    const before = current.clock.now()
    const { code, stdout, stderr } = await current.orch(`cancel ${id.slice(0, 12)}`)
    expect(stdout).toBe(`✔ ${id}  DPTA-1  cancelled: interrupted by orch cancel; its runs were cancelled\n`)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(current.clock.now() - before).toBeLessThanOrEqual(5_000)
    await current.clock.until(current.sandbox.admin.idle())
    expect(current.conclusions('repoB')).toEqual(['cancelled'])
    expect(await current.status('repoB', 'DPTA-1')).toMatch(/^error run:ID interrupted by orch cancel/u)
    expect(await readFile(path, 'utf8')).toMatch(/"type":"finished","outcome":"cancelled".*\n$/u)
    expect(await readdirLocks(current)).toEqual([])
    expect((await current.orch('resume')).stderr).toContain('nothing to resume')
  })

  test('orch cancel of an abandoned orchestration dispatches none of its pending jobs', async () => {
    const { scene } = await abandoned('status-posted')
    await using current = scene
    expect((await current.orch('cancel')).code).toBe(0)
    expect(current.dispatches()).toHaveLength(1)
    expect(current.writes().filter((write) => !write.includes('/statuses/'))).toEqual([])
  })

  test('orch cancel ends an orchestration whose process died during an interrupt', async () => {
    const { scene } = await abandoned('interrupted')
    await using current = scene
    const { code, stdout } = await current.orch('cancel')
    expect(stdout).toContain('cancelled: interrupted by SIGINT; its runs were cancelled')
    expect(code).toBe(0)
    await current.clock.until(current.sandbox.admin.idle())
    expect(current.conclusions('repoB')).toEqual(['cancelled'])
  })

  test('orch cancel searches for the run of an unanswered dispatch and cancels it', async () => {
    const { scene } = await abandoned('dispatch-requested')
    await using current = scene
    expect((await current.orch('cancel')).code).toBe(0)
    expect(current.conclusions('repoB')).toEqual(['cancelled'])
  })

  test('orch cancel exits 1 and names the job whose unanswered dispatch has no known run, because the run may still exist', async () => {
    const { scene, id } = await abandoned('dispatch-requested')
    await using current = scene
    const none = { kind: 'respond', status: 200, body: { total_count: 0, workflow_runs: [] } } as const
    current.sandbox.faults.add({ method: 'GET', path: /\/build\.yml\/runs$/u, action: none })
    const { code, stdout, stderr } = await current.orch('cancel')
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    const [message, why, remedy] = lines(stderr)
    expect(message).toBe(
      `error: the orchestration ${id} of DPTA-1 is cancelled, but some of its runs may still be running`,
    )
    expect(why).toContain('it is not known whether this run was cancelled: repoB')
    expect(remedy).toContain('Look on GitHub for a run of DPTA-1 by repoB.')
    expect((await current.orch(`cancel ${id}`)).code).toBe(1)
  })

  test('orch cancel exits 1 and shows the address of the run whose cancel GitHub refused', async () => {
    const { scene } = await abandoned()
    await using current = scene
    current.sandbox.faults.add({ method: 'POST', path: /cancel$/u, action: { kind: 'hang' } })
    const { code, stdout } = await current.orch('cancel --json')
    expect(code).toBe(1)
    const document: unknown = JSON.parse(stdout)
    expect(createSchemaCheck('cancel')(document)).toEqual([])
    const runsLeft = [{ job: 'repoB', url: expect.stringMatching(/^http\S+\/actions\/runs\/\d+$/u) as string }]
    expect(document).toMatchObject({ orchestrations: [{ result: 'incomplete', outcome: 'cancelled', runsLeft }] })
  })

  test('orch cancel of an abandoned orchestration without a token exits 4 and changes nothing', async () => {
    const { scene, path } = await abandoned()
    await using current = scene
    const before = await readFile(path, 'utf8')
    const { code, stdout } = await current.orch('cancel', { env: noToken })
    expect({ code, stdout }).toEqual({ code: 4, stdout: '' })
    expect(await readFile(path, 'utf8')).toBe(before)
    const asJson = await current.orch('cancel --json', { env: noToken })
    expect(asJson.code).toBe(4)
    expect(createSchemaCheck('cancel')(JSON.parse(asJson.stdout))).toEqual([])
    expect(asJson.stdout).toContain('"result": "not-ended"')
  })

  test('orch cancel never interrupts a later process that reuses the pid in the lock', async () => {
    const { scene, id } = await abandoned()
    await using current = scene
    await placeLock(current, id, 4711, 'another-start')
    const interrupt = (): never => {
      throw new Error('a stranger was interrupted')
    }
    expect(await current.orch('cancel', { processes: { interrupt } })).toMatchObject({ code: 0, stderr: '' })
  })

  test('orch cancel does not interrupt a process whose lock ownership is unclear, and says so', async () => {
    const { scene, id, path } = await abandoned()
    await using current = scene
    await placeLock(current, id, 4711, '')
    const before = await readFile(path, 'utf8')
    const interrupt = (): never => {
      throw new Error('it was interrupted')
    }
    const { code, stderr } = await current.orch('cancel', { processes: { interrupt } })
    expect(code).toBe(1)
    expect(lines(stderr)).toHaveLength(3)
    expect(stderr).toContain('process 4711 may drive it')
    expect(stderr).toContain(join(journalFolder(current), `${id}.lock`))
    expect(await readFile(path, 'utf8')).toBe(before)
  })

  test('orch cancel interrupts the process that resumes the orchestration at the same moment', async () => {
    const { scene, id, path } = await abandoned()
    await using current = scene
    await placeLock(current, id, 4711, 'now')
    let looks = 0
    const isAlive = (pid: number): boolean => {
      if (pid === 4711) looks += 1
      // The resuming process starts after the orchestration was found abandoned and before this command holds its lock.
      return looks > 2
    }
    const interrupted: number[] = []
    const interrupt = (pid: number): 'sent' => {
      interrupted.push(pid)
      const at = current.clock.now()
      const events = [
        { type: 'resumed', at },
        { type: 'interrupted', signal: 'SIGINT', cause: 'signal', at },
        { type: 'job-settled', job: 'repoB', outcome: 'cancelled', reason: 'interrupted', at },
        { type: 'finished', outcome: 'cancelled', reason: 'by the other one', auth: false, at },
      ]
      appendFileSync(path, events.map(eventLine).join(''))
      return 'sent'
    }
    const { code, stdout } = await current.orch('cancel', { processes: { isAlive, interrupt } })
    expect({ code, interrupted }).toEqual({ code: 0, interrupted: [4711] })
    expect(stdout).toContain('cancelled: by the other one')
  })

  test('orch cancel of a branch cancels all of its unfinished orchestrations, driven or abandoned, and no other', async () => {
    const { scene, id } = await abandoned()
    await using current = scene
    await current.change('repoD', 'DPTA-2')
    current.builds.script('acme/repoD').holds()
    const other = current.start('run DPTA-2')
    await current.untilBuilding('repoD')
    await current.clock.advance(1_000)
    // The second orchestration takes over the run of the first one.
    const running = current.start('run DPTA-1 --new')
    await current.clock.advance(3_000)
    const newest = (await journalIds(current)).at(-1) ?? ''
    const interrupt = (): 'sent' => {
      running.signal()
      return 'sent'
    }
    const { code, stdout } = await current.orch('cancel DPTA-1 --json', { processes: { interrupt } })
    const document: unknown = JSON.parse(stdout)
    expect(createSchemaCheck('cancel')(document)).toEqual([])
    expect(document).toMatchObject({
      orchestrations: [
        { id: newest, branch: 'DPTA-1', result: 'cancelled' },
        { id, branch: 'DPTA-1', result: 'cancelled' },
      ],
    })
    expect(code).toBe(0)
    expect((await current.clock.until(running.ended)).code).toBe(130)
    current.builds.script('acme/repoD').release('success')
    expect((await current.clock.until(other.ended)).code).toBe(0)
    await current.clock.until(current.sandbox.admin.idle())
    expect(current.conclusions('repoB')).toEqual(['cancelled'])
  })
})

describe('orch cancel of an ended orchestration', () => {
  test('orch cancel of an orchestration that was already cancelled exits 0, by its ID and by its branch', async () => {
    const { scene, id } = await abandoned()
    await using current = scene
    await current.orch('cancel')
    current.sandbox.requests.length = 0
    for (const words of [`cancel ${id}`, 'cancel DPTA-1']) {
      const { code, stdout, stderr } = await current.orch(words, { env: noToken })
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      expect(stdout).toContain(`${id}  DPTA-1  was cancelled before: `)
    }
    const { stdout } = await current.orch(`cancel ${id} --json`)
    expect(createSchemaCheck('cancel')(JSON.parse(stdout))).toEqual([])
    expect(stdout).toContain('"already-cancelled"')
    expect(current.sandbox.requests).toEqual([])
  })

  test.each([
    ['success', 'succeeded'],
    ['failure', 'failed'],
  ] as const)(
    'orch cancel of an orchestration that ended in %s exits 1 and reports that result',
    async (conclusion, outcome) => {
      await using scene = await Scene.open()
      await scene.change('repoB', 'DPTA-1')
      scene.builds.script('acme/repoB').concludes(conclusion)
      await scene.orch('run DPTA-1')
      const { id, path } = await newestJournal(scene)
      const before = await readFile(path, 'utf8')
      const { code, stdout, stderr } = await scene.orch(`cancel ${id}`)
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
      expect(stderr).toContain(`error: the orchestration ${id} of DPTA-1 was not cancelled: it had ended ${outcome}\n`)
      expect(await readFile(path, 'utf8')).toBe(before)
      const document: unknown = JSON.parse((await scene.orch('cancel DPTA-1 --json')).stdout)
      expect(createSchemaCheck('cancel')(document)).toEqual([])
      expect(document).toMatchObject({ orchestrations: [{ id, result: 'finished', outcome }] })
      expect((await scene.orch('cancel')).code).toBe(2)
    },
  )
})

describe('orch cancel without a match', () => {
  test.each([
    ['cancel', 'there is nothing to cancel'],
    ['cancel nosuchid', 'there is no orchestration nosuchid'],
    ['cancel DPTA-404', 'there is no orchestration DPTA-404'],
  ])('orch cancel without a match exits 2 and explains it in three lines: orch %s', async (words, said) => {
    await using scene = await Scene.open()
    const { code, stdout, stderr } = await scene.orch(words)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(`error: ${said}\n`)
    expect(lines(stderr)).toHaveLength(3)
    expect(scene.sandbox.requests).toEqual([])
    expect(await scene.files()).toEqual([])
  })

  test('orch cancel of a journal of a newer version exits 1 and leaves it unchanged', async () => {
    const { scene, id, path } = await abandoned()
    await using current = scene
    const text = (await readFile(path, 'utf8')).replace('"journal":2', '"journal":3')
    await writeFile(path, text)
    const { code, stderr } = await current.orch(`cancel ${id}`)
    expect(code).toBe(1)
    expect(stderr).toContain(`error: cannot cancel ${path}\n`)
    expect(await readFile(path, 'utf8')).toBe(text)
    expect(current.writes()).toEqual([])
  })
})
