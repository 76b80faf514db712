import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { InitWorld, key, Typist } from './world.js'

/** A world in which the repositories of the examples exist. */
async function exampleWorld(): Promise<InitWorld> {
  const world = await InitWorld.withShop()
  for (const repo of ['acme/shop-web', 'other/tool']) await world.repository(repo)
  world.sandbox.admin.setTopics('acme/shop', ['payments'])
  return world
}

/** The words of a command line, of which some are quoted. Without a comment at its end. */
function wordsOf(line: string): string[] {
  const words = line.replace(/\s+#.*$/u, '').match(/'[^']*'|\S+/gu) ?? []
  return words.slice(1).map((word) => word.replaceAll("'", ''))
}

/** The lines of a text that call `orch init`. */
function examplesIn(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.startsWith('orch init') && !line.includes('|'))
}

async function examplesOfHelp(): Promise<string[]> {
  await using world = await InitWorld.open()
  const { stdout } = await world.orch('init --help')
  return examplesIn(stdout.split('\nExamples:\n')[1] ?? '')
}

async function examplesOfDocs(): Promise<string[]> {
  const page = await readFile(new URL('../../../docs/commands.md', import.meta.url), 'utf8')
  const section = page.split('\n## `orch init`\n')[1]?.split('\n## ')[0] ?? ''
  return examplesIn(section.split('```sh\n')[1]?.split('```')[0] ?? '')
}

describe.each([
  ['the help', await examplesOfHelp(), 5],
  ['docs/commands.md', await examplesOfDocs(), 7],
] as const)('the examples of orch init in %s', (_where, examples, count) => {
  test('are all found', () => {
    expect(examples).toHaveLength(count)
  })

  test.each(examples)('%s works', async (example) => {
    await using world = await exampleWorld()
    const typist = new Typist()
    const words = wordsOf(example)
    const isAsked = words.length === 1
    const command = world.start(
      words,
      isAsked ? { terminal: { columns: 80, rows: 24 }, keyboard: typist.keyboard } : {},
    )
    typist.watch(command)
    if (isAsked) {
      await typist.answer('owns the repositories?', 'acme', key.enter)
      await typist.answer('change together?', key.tab, key.enter)
      await typist.answer('coordinated changes?', key.enter)
    }
    const { code, stdout, stderr } = await command.ended
    if (!words.includes('--verbose')) expect(stderr).toBe('')
    expect(code).toBe(0)
    if (words.includes('--dry-run')) expect(stdout).toMatch(/^# yaml-language-server: /u)
    else expect(await world.file()).toMatch(/^# yaml-language-server: /u)
  })
})
