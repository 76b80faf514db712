import { Writable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { createPromptScreen } from '../../../src/cli/init/prompt-screen.js'
import type { Ended, RunningCommand } from '../../support/command.js'
import { InitWorld, key, Typist } from './world.js'

const terminal = { columns: 80, rows: 24 }

const owner = 'Which user or organization owns the repositories?'
const repositories = 'change together? Type to search.'
const order = 'In which order are they built?'
const branches = 'Which branches are coordinated changes?'

/** ESC */
const escape = String.fromCharCode(27)

/** The keys of a word. */
function typed(word: string): string[] {
  return word.split('')
}

interface Sitting {
  answer: (question: string, ...keys: readonly string[]) => Promise<void>
  typist: Typist
  command: RunningCommand
  ended: Promise<Ended>
}

/** Starts the command on a terminal. */
function sit(world: InitWorld, words = 'init', env: Record<string, string> = {}): Sitting {
  const typist = new Typist()
  const command = world.start(words, { terminal, keyboard: typist.keyboard, env })
  typist.watch(command)
  return { answer: (question, ...keys) => typist.answer(question, ...keys), typist, command, ended: command.ended }
}

describe('orch init on a terminal', () => {
  test('asks for the owner, the repositories, the order and the branches', async () => {
    await using world = await InitWorld.withShop()
    await world.repository('acme/other')
    const { answer, ended } = sit(world)
    await answer(owner, ...typed('acme'), key.enter)
    // The first one in the list, and one that is searched for.
    await answer(repositories, key.tab, ...typed('shop'), key.tab, key.enter)
    await answer(order, key.enter)
    await answer(branches, key.enter)
    const { code, stdout } = await ended
    expect(code).toBe(0)
    expect(stdout).toContain('Wrote orchestrator.yaml')
    expect(await world.file()).toContain('jobs:\n  api: {}\n  shop:\n    needs:\n      - api #')
    expect(await world.file()).toContain('branches: ["**", "!main"]')
  })

  test('shows what it found before it asks for the order', async () => {
    await using world = await InitWorld.withShop()
    const { answer, ended } = sit(world, 'init --owner acme --repos lib,api')
    await answer(order, key.enter)
    await answer(branches, key.enter)
    const { stdout } = await ended
    expect(stdout.indexOf('acme/api needs acme/lib\n  .gitmodules:2 names ../lib.git\n')).toBeGreaterThan(-1)
    expect(stdout.indexOf('.gitmodules:2')).toBeLessThan(stdout.indexOf(order))
    expect(await world.file()).toContain('    needs:\n      - lib # .gitmodules:2 names ../lib.git\n')
  })

  test('takes an order of the user, and asks again if it is a cycle', async () => {
    await using world = await InitWorld.withShop()
    const { answer, typist, ended } = sit(world, 'init --owner acme --repos lib,api --branches PAY-*')
    await answer(order, key.down, key.enter)
    // api is chosen already, because its files name lib.
    await answer('Which of them are built after others?', 'a', key.enter)
    await answer('What must be built before acme/lib?', key.space, key.enter)
    await answer('What must be built before acme/api?', key.enter)
    const cycle = 'These need each other, so that no order is possible: acme/lib -> acme/api -> acme/lib\n'
    await typist.until((stdout) => stdout.lastIndexOf(order) > stdout.indexOf(cycle) && stdout.includes(cycle), cycle)
    await answer('', key.enter)
    const { code } = await ended
    expect(code).toBe(0)
    expect(await world.file()).toContain('  lib: {}\n  api:\n    needs:\n      - lib #')
  })

  test('asks nothing with --yes', async () => {
    await using world = await InitWorld.withShop()
    const { code } = await sit(world, 'init --owner acme --repos lib,api --yes').ended
    expect(code).toBe(0)
    const missing = await sit(world, 'init --yes').ended
    expect(missing.code).toBe(2)
  })

  test('asks nothing on a dumb terminal', async () => {
    await using world = await InitWorld.withShop()
    const { ended } = sit(world, 'init', { TERM: 'dumb' })
    expect((await ended).code).toBe(2)
  })

  test.each([owner, repositories, order, branches])(
    'Ctrl-C at "%s" ends with 130 and writes nothing',
    async (question) => {
      await using world = await InitWorld.withShop()
      const { answer, ended } = sit(world)
      const answers: [string, string[]][] = [
        [owner, [...typed('acme'), key.enter]],
        [repositories, [key.tab, key.down, key.tab, key.enter]],
        [order, [key.enter]],
        [branches, [key.enter]],
      ]
      for (const [each, keys] of answers) {
        await answer(each, ...(each === question ? [key.ctrlC] : keys))
        if (each === question) break
      }
      const { code, stderr } = await ended
      expect(stderr).toBe(
        'error: stopped\n  why: the questions were not answered, and nothing was written\n' +
          '  what to do: Run it again, or give the answers as flags: orch init --help\n',
      )
      expect(code).toBe(130)
      expect(await world.files()).toEqual([])
    },
  )

  test('a signal at a question ends with 130 and writes nothing', async () => {
    await using world = await InitWorld.withShop()
    const { answer, command, ended } = sit(world)
    await answer(owner)
    command.signal('SIGHUP')
    const { code, stderr } = await ended
    expect(stderr).toContain('error: interrupted by SIGHUP\n')
    expect(code).toBe(130)
    expect(await world.files()).toEqual([])
  })

  test('an owner that does not exist ends with 2', async () => {
    await using world = await InitWorld.withShop()
    const { answer, ended } = sit(world)
    await answer(owner, ...typed('acne'), key.enter)
    const { code, stderr } = await ended
    expect(stderr).toContain('error: the user or organization acne does not exist')
    expect(code).toBe(2)
  })
})

test('without color, the questions have none, whatever their library writes', async () => {
  const written: string[] = []
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      written.push(chunk.toString())
      done()
    },
  })
  const screen = { stream, isTTY: true, size: () => ({ columns: 40, rows: 10 }) }
  const text = `${escape}[36mquestion${escape}[39m ${escape}[1;4mx${escape}[0m${escape}[2J`
  for (const color of [true, false]) {
    const prompts = createPromptScreen(screen, color)
    expect([prompts.columns, prompts.rows]).toEqual([40, 10])
    await new Promise((resolve) => prompts.write(text, resolve))
  }
  expect(written).toEqual([text, `question x${escape}[2J`])
})
