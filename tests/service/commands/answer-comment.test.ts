import { expect, test } from 'vitest'
import type { Failure } from '../../../src/model/failure.js'
import type { Permission } from '../../../src/model/permission.js'
import type { Comment } from '../../../src/ports/host/comments.js'
import { createAnswerComment, type AnswerComment } from '../../../src/service/commands/answer-comment.js'
import { createStatusComments } from '../../../src/service/commands/status-comment.js'
import { AppWorld } from '../../support/app-door.js'
import { KeptCommands } from '../support/kept-commands.js'
import { createMemoryLog } from '../support/memory-log.js'

/** A pull request with comments, on an embedded GitHub with the change DPTA-1 in repoB. */
class World implements AsyncDisposable {
  readonly app: AppWorld
  readonly commands: KeptCommands
  readonly log = createMemoryLog()
  readonly comments: Comment[] = []
  readonly reactions: string[] = []
  readonly permissions: Record<string, Permission> = { mona: 'write', reader: 'read' }
  head = { state: 'open' as const, headRef: 'DPTA-1', headSha: 'a'.repeat(40), isFork: false }
  failure: Failure | null = null
  /** The runs whose end the comment is to say, as `comment:acme/repob:101 by mona on #1`. */
  readonly expected: string[] = []
  readonly answer: AnswerComment
  private nextId = 100

  private constructor(app: AppWorld) {
    this.app = app
    this.commands = new KeptCommands(app)
    const { statusContext } = app.graph
    const statusComments = createStatusComments({
      statusContext,
      host: {
        login: () => Promise.resolve({ ok: true, value: 'orch[bot]' }),
        listComments: () => this.read([...this.comments]),
        createComment: ({ body }) => this.write('orch[bot]', body),
        updateComment: ({ id, body }) => {
          const found = this.comments.find((comment) => comment.id === id)
          if (!found) throw new Error('no such comment')
          found.body = body
          return this.read(found)
        },
      },
    })
    this.answer = createAnswerComment({
      graph: app.graph,
      commands: this.commands,
      log: this.log,
      statusComments,
      runComments: {
        expect: ({ workload, author, number }) => {
          this.expected.push(`${workload} by ${author} on #${number}`)
          return Promise.resolve()
        },
      },
      host: {
        readPermission: (_repo, login) => this.read(this.permissions[login] ?? 'none'),
        readPullRequestHead: () => this.read(this.head),
        react: ({ content }) => {
          this.reactions.push(content)
          return this.read(null)
        },
      },
    })
  }

  static async open(): Promise<World> {
    const app = await AppWorld.open()
    await app.change('repoB', 'DPTA-1')
    return new World(app)
  }

  /** Somebody comments, and the service answers; resolves to the result. */
  async say(body: string, author = 'mona'): Promise<string> {
    const { value } = await this.write(author, body)
    const comment = { repo: 'acme/repoB', number: 1, commentId: value.id, author, body }
    const answer = await this.app.clock.until(this.answer(comment))
    return answer.kind === 'answered' ? answer.result : `failed: ${answer.failure.message}`
  }

  /** The texts of the service's comments. */
  own(): string[] {
    return this.comments.filter(({ author }) => author === 'orch[bot]').map(({ body }) => body)
  }

  write(author: string, body: string): Promise<{ ok: true; value: Comment }> {
    const comment = { id: (this.nextId += 1), url: 'https://github.test/c', author, body }
    this.comments.push(comment)
    return Promise.resolve({ ok: true, value: comment })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.app[Symbol.asyncDispose]()
  }

  private read<T>(value: T): Promise<{ ok: true; value: T } | { ok: false; failure: Failure }> {
    return Promise.resolve(this.failure ? { ok: false, failure: this.failure } : { ok: true, value })
  }
}

test('/orch run queues a run of the branch of the pull request, and answers with reactions and a comment', async () => {
  await using world = await World.open()

  expect(await world.say('/orch run')).toBe('run DPTA-1: queued')

  expect(world.commands.asked).toEqual(['run DPTA-1 by @mona'])
  expect(world.reactions).toEqual(['eyes', 'rocket'])
  expect(world.expected).toEqual(['comment:acme/repob:101 by mona on #1'])
  expect(world.own()).toEqual([expect.stringContaining('`/orch run` by `mona`: The run is queued.')])
})

test('the same comment that is delivered twice queues one run', async () => {
  await using world = await World.open()
  const comment = { repo: 'acme/repoB', number: 1, commentId: 7, author: 'mona', body: '/orch run' }

  await world.answer(comment)
  await world.answer({ ...comment, repo: 'Acme/repoB' })

  expect(world.own()).toEqual([expect.stringContaining('This request has queued the run before.')])
})

test('plan, status and invalidate show what the command line shows, in one comment that is updated in place', async () => {
  await using world = await World.open()

  await world.say('/orch plan')
  expect(world.own()).toEqual([expect.stringContaining('DPTA-1  in 1 of 5 repositories, 1 build')])

  await world.say('/orch status')
  expect(world.own()).toEqual([expect.stringContaining('Repository  Branch')])

  await world.say('/orch invalidate')
  expect(world.own()).toEqual([expect.stringContaining('Locking DPTA-1: asked by @mona')])
  expect(await world.app.state('repoB', 'DPTA-1')).toBe('pending')
})

test('two commands at the same time have one comment', async () => {
  await using world = await World.open()

  await Promise.all([world.say('/orch run'), world.say('/orch cancel')])

  expect(world.own()).toHaveLength(1)
})

test('a comment of somebody else with the marker is not taken for the status comment', async () => {
  await using world = await World.open()
  await world.write('mallory', '<!-- orch orchestrator-build -->\nforged')

  await world.say('/orch run')

  expect(world.comments.find(({ author }) => author === 'mallory')?.body).toContain('forged')
  expect(world.own()).toHaveLength(1)
})

test.each(['reader', 'stranger'])(
  'a command of a person without write permission gets -1 and no comment: %s',
  async (who) => {
    await using world = await World.open()

    expect(await world.say('/orch run', who)).toBe(`${who} has no write permission on acme/repoB`)

    expect(world.reactions).toEqual(['-1'])
    expect(world.commands.asked).toEqual([])
    expect(world.own()).toEqual([])
  },
)

test('a word that is not a command is answered with help', async () => {
  await using world = await World.open()

  expect(await world.say('/orch deploy @acme/admins')).toBe('answered with help')

  expect(world.reactions).toEqual(['eyes', 'confused'])
  expect(world.own()[0]).toContain('`/orch deploy @acme/admins` by `mona`: This is not a command.')
  expect(world.own()[0]).toContain('/orch invalidate  lock the pull requests of the change')
})

test.each([
  ['comes from a fork', { isFork: true }, '/orch run', 'this pull request comes from a fork'],
  ['has no coordinated branch', { headRef: 'fix-typo' }, '/orch run', 'fix-typo is not the branch of a coordinated'],
  ['has another branch than the named one', {}, '/orch run DPTA-2', 'DPTA-2 is another branch'],
])('a command on a pull request that %s is refused', async (_what, head, body, message) => {
  await using world = await World.open()
  Object.assign(world.head, head)

  await world.say(body)

  expect(world.commands.asked).toEqual([])
  expect(world.reactions).toEqual(['eyes', 'confused'])
  expect(world.own()[0]).toContain(message)
})

test('a run that cannot be queued is answered with the problem', async () => {
  await using world = await World.open()
  const problem = { kind: 'failed' as const, message: 'the queue is full', why: '2,000 runs wait', remedy: 'Wait.' }
  world.commands.refusal = { kind: 'stopped', problems: [problem] }

  await world.say('/orch run')

  expect(world.own()[0]).toContain('the queue is full: 2,000 runs wait.\nWait.')
  expect(world.reactions).toEqual(['eyes', 'confused'])
})

test('while GitHub cannot be reached nothing is done, and the comment can be answered again', async () => {
  await using world = await World.open()
  world.failure = { kind: 'network', message: 'no connection' }

  expect(await world.say('/orch run')).toBe('failed: no connection')

  expect(world.commands.asked).toEqual([])
})

test('a comment without a command, and the status comment itself, are ignored', async () => {
  await using world = await World.open()

  expect(await world.say('Nice.')).toBe('it has no command')
  expect(await world.say('<!-- orch orchestrator-build -->\n/orch run')).toBe('it is the status comment')
})
