import { expect, test } from 'vitest'
import { runChange } from '../../../src/app/run-change.js'
import type { Failure } from '../../../src/model/failure.js'
import type { CheckRunContent, Checks, NewCheckRun } from '../../../src/ports/host/checks.js'
import { createCheckRunReporter } from '../../../src/service/github-app/check-run-reporter.js'
import { defaultRunSettings } from '../../../src/service/commands/create-change-commands.js'
import { AppWorld, serverUrl } from '../../support/app-door.js'
import { createMemoryLog } from '../support/memory-log.js'

const minute = 60_000

/** A change DPTA-1 in repoB and repoE, and what is written about it. */
class World implements AsyncDisposable {
  readonly app: AppWorld
  readonly log = createMemoryLog()
  readonly created: NewCheckRun[] = []
  readonly updates: (CheckRunContent & { repo: string; id: number })[] = []
  failure: Failure | null = null

  private constructor(app: AppWorld) {
    this.app = app
  }

  static async open(): Promise<World> {
    const app = await AppWorld.open()
    await app.change('repoB', 'DPTA-1')
    await app.change('repoE', 'DPTA-1')
    return new World(app)
  }

  /** Runs the change to its end, with a reporter of check runs. */
  async run(settings: Partial<typeof defaultRunSettings> = {}): Promise<void> {
    const { clock, graph } = this.app
    const { ports } = this.app.process('service')
    const reporter = createCheckRunReporter({ host: this.host(), clock, log: this.log })
    const frontend = { openReporter: () => Promise.resolve(reporter), onInterrupt: () => () => undefined }
    const event = { key: null, isRepeated: false, isNamed: false }
    const request = { ...ports, graph, branch: 'DPTA-1', event, serverUrl, link: 'https://github.test/pulls' }
    await clock.until(
      runChange({ ...request, frontend, settings: { ...defaultRunSettings, ...settings }, follow: false }),
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.app[Symbol.asyncDispose]()
  }

  private host(): Checks {
    const answer = <T>(value: T): Promise<{ ok: true; value: T } | { ok: false; failure: Failure }> =>
      Promise.resolve(this.failure ? { ok: false, failure: this.failure } : { ok: true, value })
    return {
      createCheckRun: (run) => answer({ id: this.created.push(run) }),
      updateCheckRun: (run) => {
        this.updates.push(run)
        return answer(null)
      },
    }
  }
}

test('each head of the change has a check run, in progress at first and completed at the end', async () => {
  await using world = await World.open()

  await world.run()

  expect(world.created.map(({ repo, name, conclusion }) => [repo, name, conclusion])).toEqual([
    ['acme/repoB', 'orch', null],
    ['acme/repoE', 'orch', null],
  ])
  expect(world.created[0]).toMatchObject({
    headSha: await world.app.sandbox.admin.branch('acme/repoB', 'DPTA-1'),
    detailsUrl: 'https://github.test/pulls',
  })
  const last = world.updates.slice(-2)
  expect(last.map(({ repo, conclusion }) => [repo, conclusion])).toEqual([
    ['acme/repoB', 'success'],
    ['acme/repoE', 'success'],
  ])
  expect(last[0]?.title).toMatch(/^DPTA-1 succeeded after /u)
  expect(last[0]?.summary).toContain('```mermaid\nflowchart LR')
  expect(last[0]?.text).toBe('')
})

test('the check run of a failed change has the last lines of the log, made harmless', async () => {
  await using world = await World.open()
  world.app.builds.script('acme/repoB').concludes('failure', { log: ['@acme/admins </pre> broke'] })

  await world.run()

  const last = world.updates.at(-1)
  expect(last?.conclusion).toBe('failure')
  expect(last?.title).toMatch(/^DPTA-1 failed after /u)
  expect(last?.text).toContain('Last lines of the log')
  expect(last?.text).toContain('broke')
  expect(last?.text).not.toMatch(/@acme|<\/pre> broke/u)
})

test('while jobs settle, the check runs are updated once a minute at most', async () => {
  await using world = await World.open()
  world.app.builds.script('acme/repoB').concludes('success', { after: 2 * minute })
  world.app.builds.script('acme/repoE').concludes('success', { after: 2 * minute })

  await world.run()

  const titles = world.updates.map(({ title }) => title)
  expect(titles.length).toBeGreaterThanOrEqual(4)
  expect(titles.length).toBeLessThanOrEqual(8)
  expect(titles[0]).toContain('1 succeeded')
})

test('a run that posts no status writes no check run', async () => {
  await using world = await World.open()

  await world.run({ postStatus: false })

  expect(world.created).toEqual([])
})

test('without the permission nothing is written any more, and the change is built', async () => {
  await using world = await World.open()
  world.failure = { kind: 'forbidden', message: 'this token may not write check runs' }

  await world.run()

  expect(world.created).toHaveLength(1)
  expect(world.log.lines).toEqual([expect.stringContaining('A check run could not be written')])
  expect(await world.app.state('repoB', 'DPTA-1')).toBe('success')
})

test('a check run that cannot be written is logged, and written at the next occasion', async () => {
  await using world = await World.open()
  world.failure = { kind: 'server-error', message: 'api.github.com answered 502' }
  world.app.builds.script('acme/repoB').concludes('success', { after: 2 * minute })
  void world.app.clock.sleep(minute).then(() => {
    world.failure = null
  })

  await world.run()

  expect(world.updates.at(-1)?.conclusion ?? world.created.at(-1)?.conclusion).toBe('success')
  expect(world.log.lines[0]).toContain('502')
})
