import { expect, test } from 'vitest'
import { createGitHubLogin } from '../../../src/service/github-login.js'
import type { GitHubLogin } from '../../../src/service/github-login.js'
import type { Failure } from '../../../src/model/failure.js'
import { createMemoryLog } from '../../service/support/memory-log.js'
import { TestClock } from '../../support/test-clock.js'

const refusal: Failure = {
  kind: 'unauthorized',
  message: 'the GitHub App 7 could not log in',
  remedy: 'create a new private key on the page of the App',
}

/** A service whose login GitHub accepts until `isRefused`. */
class World {
  readonly clock = new TestClock()
  readonly log = createMemoryLog()
  readonly closed = new AbortController()
  isRefused = false
  asked = 0
  readonly login: GitHubLogin = createGitHubLogin({
    clock: this.clock,
    log: this.log,
    closed: this.closed.signal,
    ask: () => {
      this.asked += 1
      this.login.note(this.isRefused ? refusal : null)
      return Promise.resolve()
    },
  })

  refuse(): void {
    this.isRefused = true
    this.login.note(refusal)
  }
}

const task = new AbortController().signal

test('work starts at once while GitHub accepts the login', async () => {
  const { login } = new World()
  login.note(null)
  await login.whenAccepted(task)
  expect(login.problem()).toBeNull()
})

test('a refused login is reported once with what to do, and work waits until GitHub accepts it again', async () => {
  const world = new World()
  world.refuse()
  world.refuse()
  expect(world.login.problem()).toBe(
    'the GitHub App 7 could not log in (create a new private key on the page of the App)',
  )
  let isAccepted = false
  const waiting = world.login.whenAccepted(task).then(() => (isAccepted = true))
  await world.clock.advance(3_600_000)
  expect(isAccepted).toBe(false)
  expect(world.asked).toBe(120)

  world.isRefused = false
  await world.clock.advance(30_000)

  await waiting
  expect(world.login.problem()).toBeNull()
  expect(world.log.lines.map((line) => line.split(' {')[0])).toEqual([
    'error GitHub refuses the login of the service: deliveries are stored, and work waits',
    'info GitHub accepts the login of the service again',
  ])
  await world.clock.advance(3_600_000)
  expect(world.asked).toBe(121)
})

test('work that is handed to another process stops waiting', async () => {
  const world = new World()
  world.refuse()
  const handedOn = new AbortController()
  const waiting = world.login.whenAccepted(handedOn.signal)
  handedOn.abort()
  await expect(waiting).rejects.toThrow('the task is handed to another process')
  await expect(world.login.whenAccepted(handedOn.signal)).rejects.toThrow('the task is handed to another process')
})

test('a service that ends asks no more', async () => {
  const world = new World()
  world.refuse()
  world.closed.abort()
  await world.clock.advance(600_000)
  expect(world.asked).toBe(0)
})
