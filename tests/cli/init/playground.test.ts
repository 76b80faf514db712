import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runBuilt, startBuilt } from '../support/built-command.js'
import { readInstructions } from '../support/instructions.js'
import { shell } from '../support/shell.js'

/** An empty folder. */
class EmptyFolder implements AsyncDisposable {
  readonly path: string

  private constructor(path: string) {
    this.path = path
  }

  static async open(): Promise<EmptyFolder> {
    return new EmptyFolder(await mkdtemp(join(tmpdir(), 'orch-playground-')))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.path, { recursive: true, force: true })
  }
}

/** The printed commands, without what they are for. */
function commandsIn(printed: string): string[] {
  return [...printed.matchAll(/^ {2}orch (?<words>.*?) {2,}/gmu)].map(({ groups }) => groups!['words']!)
}

test('every command that orch init --demo prints works, one after the other', async () => {
  await using folder = await EmptyFolder.open()
  const cwd = folder.path
  const made = await runBuilt(['init', '--demo'], { cwd })
  expect(made).toMatchObject({ code: 0, stderr: '' })
  expect((await readdir(cwd)).sort()).toEqual(['.orch', 'orchestrator.schema.json', 'orchestrator.yaml'])
  const commands = commandsIn(made.stdout)
  expect(commands.map((words) => words.split(' ')[0])).toEqual(['plan', 'run', 'status', 'invalidate', 'sandbox'])
  for (const words of commands.slice(0, -1)) {
    const { code, stderr } = await runBuilt(words.split(' '), { cwd })
    expect({ words, code, stderr }).toEqual({ words, code: 0, stderr: '' })
  }
  // What the last one prints works as well.
  await using sandbox = startBuilt([commands.at(-1)!], { cwd })
  await sandbox.until(/Ctrl-C stops it\./u)
  const { token, clone, push, openPull, merge } = readInstructions(sandbox.stdout())
  await shell(cwd, [token, clone, `(${push})`, openPull].join('\n'))
  expect(await runBuilt(['run', 'DPTA-1122', '--sandbox'], { cwd })).toMatchObject({ code: 0 })
  expect(await shell(cwd, [token, merge].join('\n'))).toContain('"merged":true')
})

test('orch init --demo needs an empty folder, but for the folder of git', async () => {
  await using folder = await EmptyFolder.open()
  await shell(folder.path, 'git init --quiet')
  await writeFile(join(folder.path, 'notes.txt'), '')
  const refused = await runBuilt(['init', '--demo'], { cwd: folder.path })
  expect(refused.code).toBe(2)
  expect(refused.stderr.split('\n')).toEqual([
    'error: this folder is not empty',
    `  why: the playground needs an empty folder, and ${folder.path} has notes.txt`,
    '  what to do: Make one: mkdir playground && cd playground',
    '',
  ])
  expect((await readdir(folder.path)).sort()).toEqual(['.git', 'notes.txt'])
  await shell(folder.path, 'rm notes.txt')
  expect((await runBuilt(['init', '--demo'], { cwd: folder.path })).code).toBe(0)
})
