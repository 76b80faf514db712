import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { runBuilt } from '../support/built-command.js'
import type { Exit } from '../support/built-command.js'
import { settings } from '../support/settings.js'
import { WorkFolder } from '../support/work-folder.js'

const orch = fileURLToPath(new URL('../../../bin/orch.js', import.meta.url))
const commands = ['run', 'plan', 'invalidate', 'status', 'sandbox', 'demo', 'list', 'show', 'resume', 'watch', 'cancel']

const answers = new Map<string, Promise<Exit>>()

/** The answer of the built command to words that it answers alike in each folder. It starts once for each. */
function answerTo(...words: string[]): Promise<Exit> {
  const key = words.join(' ')
  const answer = answers.get(key) ?? answerInNewFolder(words)
  answers.set(key, answer)
  return answer
}

async function answerInNewFolder(words: string[]): Promise<Exit> {
  await using folder = await WorkFolder.open()
  return await runBuilt(words, { cwd: folder.path })
}

/** The words that bash completion proposes for the last word, in a folder with the example graph. */
async function complete(...words: string[]): Promise<string[]> {
  await using folder = await WorkFolder.open()
  const journals = join(folder.path, '.orch', 'orchestrations')
  await mkdir(journals, { recursive: true })
  for (const id of ['20261121-100000-aaaa', '20261121-110000-bbbb']) await writeFile(join(journals, `${id}.jsonl`), '')
  await writeFile(join(folder.path, 'other.yaml'), 'version: 1\nowner: acme\nbranches: X-*\njobs:\n  other: {}\n')
  await writeFile(join(folder.path, 'completion.bash'), (await answerTo('completion', 'bash')).stdout)
  const typed = ['orch', ...words].map((word) => `'${word}'`).join(' ')
  const script = `set -e
orch() { ${process.execPath} ${orch} "$@"; }
eval "$(cat completion.bash)"
COMP_WORDS=(${typed}); COMP_CWORD=${words.length}
_orch || true
printf '%s\\n' "\${COMPREPLY[@]}"`
  const { stdout } = await promisify(execFile)('bash', ['-c', script], { cwd: folder.path, env: settings(folder.path) })
  return stdout.split('\n').filter((line) => line !== '')
}

describe('bash completion', () => {
  test('bash completion proposes the commands', async () => {
    expect(await complete('')).toEqual(expect.arrayContaining([...commands, 'completion', 'help']))
    expect(await complete('re')).toEqual(['resume'])
  })

  test.each<[string[], string[]]>([
    [['--v'], ['--version']],
    [['run', '--max'], ['--max-parallel']],
    [['run', 'DPTA-1', '--dry'], ['--dry-run']],
    [['plan', '--dry'], []],
    [['help', 'inv'], ['invalidate']],
    [
      ['completion', ''],
      ['bash', 'zsh', 'fish'],
    ],
    [['completion', '--words', 'j'], ['jobs']],
  ])('bash completion proposes flags and words: orch %j', async (words, proposed) => {
    expect(await complete(...words)).toEqual(proposed)
  })

  test('bash completion proposes behind --only the jobs of the graph file that is named', async () => {
    const jobs = ['repoA', 'repoB', 'repoC', 'repoD', 'repoE']
    expect(await complete('run', '--only', '')).toEqual(jobs)
    expect(await complete('plan', 'DPTA-1', '--only', '=', 'repoB')).toEqual(['repoB'])
    expect(await complete('run', '--config', 'other.yaml', '--only', '')).toEqual(['other'])
    expect(await complete('run', '--config', 'absent.yaml', '--only', '')).toEqual([])
  })

  test('bash completion proposes the stored orchestrations, newest first, where an ID is expected', async () => {
    expect(await complete('show', '2026')).toEqual(['20261121-110000-bbbb', '20261121-100000-aaaa'])
    expect(await complete('resume', '20261121-10')).toEqual(['20261121-100000-aaaa'])
    expect(await complete('cancel', '--sandbox', '')).toEqual([])
  })

  test('bash completion proposes files behind --config and nothing behind --timeout', async () => {
    expect(await complete('run', '--config', 'oth')).toEqual(['other.yaml'])
    expect(await complete('run', '--timeout', '')).toEqual([])
  })
})

describe('completion scripts', () => {
  test.each(['bash', 'zsh', 'fish'])(
    'the %s completion script contains every command and every flag of the help',
    async (name) => {
      const { code, stdout: script, stderr } = await answerTo('completion', name)
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      for (const command of commands) {
        expect(script).toMatch(new RegExp(`\\b${command}\\b`, 'u'))
        const help = await answerTo(command, '--help')
        for (const [, flag = ''] of help.stdout.matchAll(/^ +(?:-\w, )?--([a-z-]+)/gmu)) {
          expect(script).toMatch(new RegExp(`(?:--|-l )${flag}\\b`, 'u'))
        }
      }
    },
  )

  test('orch completion without a shell or with an unknown one is a usage error', async () => {
    const none = await answerTo('completion')
    expect(none).toMatchObject({ code: 2, stdout: '' })
    expect(none.stderr).toContain('orch completion bash, zsh or fish')
    const other = await answerTo('completion', 'tcsh')
    expect(other).toMatchObject({ code: 2, stdout: '' })
    expect(other.stderr).toContain('Allowed choices are bash, zsh, fish')
  })
})
