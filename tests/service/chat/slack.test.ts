import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import type { Permission } from '../../../src/model/permission.js'
import type { Read } from '../../../src/ports/host/read.js'
import { createSlackWebhook } from '../../../src/service/chat/slack.js'
import { AppWorld } from '../../support/app-door.js'
import { KeptCommands } from '../support/kept-commands.js'
import { MemoryDurable } from '../support/memory-durable.js'
import { createMemoryLog } from '../support/memory-log.js'

const secret = '8f742231b10e8888abcd99yyyzzz85a5'
const responseUrl = 'https://hooks.slack.com/commands/T0001/1234/abcdef'

interface Sent {
  text?: string
  user?: string
  responseUrl?: string
  /** Seconds by which the request is older than now. */
  age?: number
  secret?: string
  more?: Record<string, string>
}

/** A workspace of Slack, and a change DPTA-1 in repoB and repoD. */
class World implements AsyncDisposable {
  readonly app: AppWorld
  readonly commands: KeptCommands
  readonly durable: MemoryDurable
  readonly log = createMemoryLog()
  /** What was sent to the response URL. */
  readonly answers: { url: string; text: string }[] = []
  readonly permissions: Record<string, Read<Permission>> = {}
  /** What Slack answers to the next posts, before it takes one. */
  readonly refusals: number[] = []
  private readonly webhook: (request: Request) => Promise<Response>
  private trigger = 0

  private constructor(app: AppWorld) {
    this.app = app
    this.commands = new KeptCommands(app)
    this.durable = new MemoryDurable(app.clock)
    this.webhook = createSlackWebhook({
      signingSecret: secret,
      graph: { ...app.graph, slack: { users: { U0123: 'mona' } } },
      host: {
        readPermission: (repo, login) =>
          Promise.resolve(
            this.permissions[`${login} ${repo}`] ?? { ok: true, value: login === 'mona' ? 'write' : 'none' },
          ),
      },
      commands: this.commands,
      durable: this.durable,
      clock: app.clock,
      log: this.log,
      fetch: async (input, init) => {
        const request = new Request(input, init)
        const status = this.refusals.shift()
        if (status !== undefined) return new Response('', { status })
        const { text } = (await request.json()) as { text: string }
        this.answers.push({ url: request.url, text })
        return new Response('ok')
      },
    })
  }

  static async open(): Promise<World> {
    const app = await AppWorld.open()
    await app.change('repoB', 'DPTA-1')
    await app.change('repoD', 'DPTA-1')
    return new World(app)
  }

  request(sent: Sent = {}): Request {
    this.trigger += 1
    const body = new URLSearchParams({
      command: '/orch',
      text: sent.text ?? 'run DPTA-1',
      user_id: sent.user ?? 'U0123',
      response_url: sent.responseUrl ?? responseUrl,
      trigger_id: String(this.trigger),
      ...sent.more,
    }).toString()
    const timestamp = String(Math.floor(this.app.clock.now() / 1000) - (sent.age ?? 0))
    const digest = createHmac('sha256', sent.secret ?? secret)
      .update(`v0:${timestamp}:${body}`)
      .digest('hex')
    return new Request('http://127.0.0.1/webhooks/slack', {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'x-slack-request-timestamp': timestamp,
        'x-slack-signature': `v0=${digest}`,
      },
      body,
    })
  }

  /** The status and the text of the answer. */
  async send(request: Request): Promise<string> {
    const response = await this.app.clock.until(this.webhook(request))
    const body = await response.text()
    if (response.status !== 200 || body === '') return `${response.status}`
    return `200 ${(JSON.parse(body) as { text: string }).text}`
  }

  /** Sends a command, and waits for its task; the text of the answer that followed. */
  async say(text: string, sent: Sent = {}): Promise<string> {
    await this.send(this.request({ ...sent, text }))
    await this.app.clock.until(this.durable.idle())
    return this.answers.at(-1)?.text ?? ''
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.durable.close()
    await this.app[Symbol.asyncDispose]()
  }
}

test('a slash command is answered at once, and its result follows through the response URL', async () => {
  await using world = await World.open()

  expect(await world.send(world.request())).toBe('200 Working on it: run\n```\nDPTA-1\n```')
  await world.app.clock.until(world.durable.idle())

  expect(world.commands.asked).toContain('run DPTA-1 by @mona in Slack')
  expect(world.answers).toEqual([{ url: responseUrl, text: expect.stringContaining('The run is queued.') as string }])
})

test('status and plan show what the command line shows', async () => {
  await using world = await World.open()

  expect(await world.say('status DPTA-1')).toContain('Repository  Branch')
  expect(await world.say('plan DPTA-1')).toContain('DPTA-1  in 2 of 5 repositories')
})

test.each([
  ['with a wrong signature', { secret: 'another' }],
  ['that is older than five minutes', { age: 301 }],
  ['that is more than five minutes in the future', { age: -301 }],
])('a request %s is refused', async (_what, sent) => {
  await using world = await World.open()

  expect(await world.send(world.request(sent))).toBe('401')
  expect(world.durable.started).toEqual([])
})

test('a request without a signature is refused', async () => {
  await using world = await World.open()

  expect(await world.send(new Request('http://127.0.0.1/webhooks/slack', { method: 'POST', body: 'a=b' }))).toBe('401')
  expect(await world.send(new Request('http://127.0.0.1/webhooks/slack'))).toBe('405')
})

test('a request that is four minutes old is taken once, and a replay of it does nothing', async () => {
  await using world = await World.open()
  const request = world.request({ age: 240 })

  expect(await world.send(request.clone())).toContain('200 Working on it')
  expect(await world.send(request)).toBe('200')
  await world.app.clock.until(world.durable.idle())

  expect(world.durable.started).toHaveLength(1)
  expect(world.answers).toHaveLength(1)
})

test('a body that no slash command has is refused', async () => {
  await using world = await World.open()

  expect(await world.send(world.request({ text: 'x'.repeat(70_000) }))).toBe('413')
})

test.each(['https://attacker.example/x', 'http://hooks.slack.com/x', 'https://hooks.slack.com@attacker.example/', ''])(
  'no answer is sent to an address that is not one of Slack: %j',
  async (url) => {
    await using world = await World.open()

    expect(await world.send(world.request({ responseUrl: url }))).toBe('400')
    expect(world.answers).toEqual([])
  },
)

test('a person whom the graph file does not name is told how to be', async () => {
  await using world = await World.open()

  expect(await world.send(world.request({ user: 'U0666' }))).toContain(
    'slack: { users: { U0666: &lt;your login&gt; } }',
  )
  expect(await world.send(world.request({ user: 'constructor' }))).toContain('does not say who you are')
  expect(world.durable.started).toEqual([])
})

test('a person needs write permission on every repository of the change', async () => {
  await using world = await World.open()
  world.permissions['mona acme/repoD'] = { ok: true, value: 'read' }

  expect(await world.say('invalidate DPTA-1')).toContain('mona has no write permission on acme/repoD')

  expect(world.commands.asked).toEqual(['status DPTA-1'])
})

test('a permission that could not be read is a refusal with the reason', async () => {
  await using world = await World.open()
  world.permissions['mona acme/repoB'] = { ok: false, failure: { kind: 'network', message: 'there is no connection' } }

  expect(await world.say('run DPTA-1')).toContain('there is no connection')
  expect(world.commands.asked).toEqual(['status DPTA-1'])
})

test('a branch that no repository has is not a change', async () => {
  await using world = await World.open()

  expect(await world.say('run DPTA-404')).toContain('there is no such change')
})

test.each([
  ['', 'Help'],
  ['deploy', 'This is not a command.'],
  ['run', 'name the branch of the change'],
  ['run fix-typo', 'fix-typo is not the branch of a coordinated change'],
])('the words %j are answered at once', async (text, expected) => {
  await using world = await World.open()

  expect(await world.send(world.request({ text }))).toContain(expected)
  expect(world.durable.started).toEqual([])
})

test('the check of the certificate by Slack is answered', async () => {
  await using world = await World.open()

  expect(await world.send(world.request({ more: { ssl_check: '1' } }))).toBe('200')
})

test('hostile text in an answer is neither a mention nor the end of its block', async () => {
  await using world = await World.open()
  const message = '<!channel> ``` <https://attacker.example|click>'
  world.commands.refusal = { kind: 'stopped', problems: [{ kind: 'failed', message, why: '', remedy: '' }] }

  expect(await world.say('run DPTA-1')).toBe(
    "Nothing was done.\n```\n&lt;!channel&gt; ''' &lt;https://attacker.example|click&gt;.\n```",
  )
})

test('an answer that Slack does not take is sent again, and its address is never logged or stored', async () => {
  await using world = await World.open()
  world.refusals.push(500, 500, 500, 500)

  await world.say('run DPTA-1')

  expect(world.answers).toEqual([])
  expect(world.log.lines.join('\n')).toContain('An answer could not be sent to Slack')
  expect(world.log.lines.join('\n')).not.toContain('hooks.slack.com')
})

test('while the database is gone, the person is asked to try again', async () => {
  await using world = await World.open()
  world.durable.isBroken = true

  expect(await world.send(world.request())).toContain('Nothing was done; try again.')
})
