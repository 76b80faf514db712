import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Failure } from '../../../src/model/failure.js'
import type { Comment } from '../../../src/ports/host/comments.js'
import { defaultRunSettings } from '../../../src/service/commands/create-change-commands.js'
import { RunComments } from '../../../src/service/commands/run-comments.js'
import { createStatusComments } from '../../../src/service/commands/status-comment.js'
import type { Database } from '../../../src/service/database/database.js'
import { endWorkload, insertWorkload } from '../../../src/service/workloads/workload-row.js'
import type { WorkloadEnd } from '../../../src/service/workloads/workload-row.js'
import { embeddedRoom } from '../../support/databases.js'
import type { DatabaseRoom } from '../../support/databases.js'
import { TestClock } from '../../support/test-clock.js'
import { createMemoryLog } from '../support/memory-log.js'

let room: DatabaseRoom
let database: Database

beforeAll(async () => {
  room = await embeddedRoom()
  database = await room.create()
}, 120_000)
afterAll(() => room.close(), 120_000)
beforeEach(() => database.query('TRUNCATE orch.workloads, orch.run_comments'))

const queued = '<!-- orch orchestrator-build -->\n`/orch run` by `mona`: The run is queued.\n'

/** A pull request whose status comment says that a run is queued, and the service that is to update it. */
class World implements AsyncDisposable {
  readonly clock = new TestClock(undefined, 12)
  readonly log = createMemoryLog()
  readonly comment: Comment = { id: 7, url: 'https://github.test/c', author: 'orch[bot]', body: queued }
  failure: Failure | null = null
  writes = 0
  private service = new AbortController()

  /** Starts the service, as after a restart. */
  start(): RunComments {
    const { clock, log } = this
    const statusContext = 'orchestrator-build'
    const statusComments = createStatusComments({
      statusContext,
      host: {
        login: () => Promise.resolve({ ok: true, value: 'orch[bot]' }),
        listComments: () => Promise.resolve({ ok: true, value: [this.comment] }),
        createComment: () => Promise.reject(new Error('there is a comment')),
        updateComment: ({ body }) => {
          if (this.failure) return Promise.resolve({ ok: false, failure: this.failure })
          this.writes += 1
          this.comment.body = body
          return Promise.resolve({ ok: true, value: this.comment })
        },
      },
    })
    const query: Database['query'] = (sql, values) => clock.track(database.query(sql, values))
    const comments = new RunComments({ database: { ...database, query }, clock, log, statusComments, statusContext })
    this.service = new AbortController()
    void comments.run(this.service.signal)
    return comments
  }

  stop(): void {
    this.service.abort()
  }

  /** Queues a run for which the comment waits. */
  async queue(comments: RunComments, workload = 'comment:acme/repob:101'): Promise<void> {
    const event = { key: null, isRepeated: false, isNamed: false }
    const work = { kind: 'run', branch: 'DPTA-1', event, settings: defaultRunSettings, by: '@mona' } as const
    await insertWorkload(database.query, { id: workload, work })
    await comments.expect({ repo: 'acme/repoB', number: 1, workload, command: '/orch run', author: 'mona' })
  }

  async end(status: WorkloadEnd['status'], result: string, workload = 'comment:acme/repob:101'): Promise<void> {
    await endWorkload(database.query, workload, { status, result })
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.stop()
    return Promise.resolve()
  }
}

test('when the run ends, the comment says so once, and before that it stays as it is', async () => {
  await using world = new World()
  await world.queue(world.start())
  await world.clock.advance(60_000)
  expect(world.comment.body).toBe(queued)

  await world.end('completed', 'succeeded: 2 jobs')
  await world.clock.advance(5_000)

  expect(world.comment.body).toContain('`/orch run` by `mona`: The run has completed.')
  expect(world.comment.body).toContain('succeeded: 2 jobs')
  await world.clock.advance(120_000)
  expect(world.writes).toBe(1)
})

test.each([
  ['failed', 'The run has failed.'],
  ['cancelled', 'The run was cancelled.'],
] as const)('the comment of a run that ended %s says why', async (status, headline) => {
  await using world = new World()
  await world.queue(world.start())

  await world.end(status, 'repoB: see <b>@acme/admins</b>\n```\nthe log')
  await world.clock.advance(5_000)

  expect(world.comment.body).toContain(headline)
  // A fence longer than the one in the text: nothing in it is Markdown.
  expect(world.comment.body).toContain('````text\nrepoB: see <b>@acme/admins</b>\n```\nthe log\n````')
})

test('a run that ends while the service is down is reported after its start', async () => {
  await using world = new World()
  await world.queue(world.start())
  world.stop()
  await world.end('completed', 'succeeded: 2 jobs')
  await world.clock.advance(60_000)
  expect(world.comment.body).toBe(queued)

  world.start()
  await world.clock.advance(1_000)

  expect(world.comment.body).toContain('succeeded: 2 jobs')
})

test('the comment follows the last run that was asked for on the pull request', async () => {
  await using world = new World()
  const comments = world.start()
  await world.queue(comments, 'first')
  await world.queue(comments, 'second')

  await world.end('cancelled', 'superseded by the newer workload second', 'first')
  await world.clock.advance(60_000)
  expect(world.comment.body).toBe(queued)

  await world.end('completed', 'succeeded: 2 jobs', 'second')
  await world.clock.advance(5_000)
  expect(world.comment.body).toContain('succeeded: 2 jobs')
})

test.each(['network', 'rate-limited', 'unauthorized'] as const)(
  'a comment that cannot be written for a failure of the kind %s is written a minute later',
  async (kind) => {
    await using world = new World()
    await world.queue(world.start())
    world.failure = { kind, message: 'not now' }
    await world.end('completed', 'succeeded: 2 jobs')
    await world.clock.advance(30_000)
    expect(world.log.lines).toHaveLength(1)

    world.failure = null
    await world.clock.advance(60_000)

    expect(world.comment.body).toContain('succeeded: 2 jobs')
  },
)

test('a comment that GitHub refuses for good is reported in the log and not tried again', async () => {
  await using world = new World()
  await world.queue(world.start())
  world.failure = { kind: 'forbidden', message: 'Resource not accessible by integration' }
  await world.end('completed', 'succeeded: 2 jobs')

  await world.clock.advance(120_000)

  expect(world.log.lines).toEqual([
    expect.stringContaining('warn The status comment could not be written at the end of a run'),
  ])
})
