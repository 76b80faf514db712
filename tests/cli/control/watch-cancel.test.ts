import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { runBuilt, startBuilt } from '../support/built-command.js'
import { branch, LocalGitHub } from '../support/local-github.js'
import { oneJobGraph, WorkFolder } from '../support/work-folder.js'

const run = ['run', branch, '--sandbox']

async function idIn(folder: WorkFolder): Promise<string> {
  const names = await readdir(join(folder.sandbox, 'orchestrations'))
  return names.find((name) => name.endsWith('.jsonl'))?.replace('.jsonl', '') ?? ''
}

describe('orch watch beside a process', () => {
  test('orch watch shows the output of the driving process, reports its kill, and follows the resuming process to the end', async () => {
    await using folder = await WorkFolder.open(oneJobGraph)
    const released = join(folder.path, 'released')
    await using github = await LocalGitHub.open(folder, `until [ -f '${released}' ]; do sleep 0.05; done`)
    const start = { cwd: folder.path }
    await using killed = startBuilt(run, start)
    await github.building(killed)
    await using watching = startBuilt(['watch', '--sandbox'], start)
    await watching.until(/lib +dispatched/u)
    killed.signal('SIGKILL')
    await killed.ended
    await using resumed = startBuilt(['resume', '--sandbox'], start)
    await watching.until(/resumed +orchestration/u)
    await writeFile(released, '')
    expect(await resumed.ended).toMatchObject({ code: 0 })
    const watched = await watching.ended
    expect(watched).toMatchObject({ code: 0, signal: null })
    expect(watched.stdout).toContain((await resumed.ended).stdout.trimEnd().split('\n').slice(-2).join('\n'))
    expect(github.conclusions()).toEqual(['success'])
  })

  test('orch watch ends with 130 on Ctrl-C, and the orchestration continues', async () => {
    await using folder = await WorkFolder.open(oneJobGraph)
    const released = join(folder.path, 'released')
    await using github = await LocalGitHub.open(folder, `until [ -f '${released}' ]; do sleep 0.05; done`)
    await using driving = startBuilt(run, { cwd: folder.path })
    await github.building(driving)
    await using watching = startBuilt(['watch', '--sandbox', '--json'], { cwd: folder.path })
    await watching.until(/"dispatch-accepted"/u)
    watching.signal('SIGINT')
    const watched = await watching.ended
    expect(watched).toMatchObject({ code: 130, signal: null })
    expect(watched.stderr).toContain(`the orchestration ${await idIn(folder)} is still running`)
    await writeFile(released, '')
    expect(await driving.ended).toMatchObject({ code: 0, stderr: '' })
    expect(github.states()).toEqual(['pending', 'success'])
  })
})

describe('orch cancel beside a process', () => {
  test('orch cancel makes the driving process cancel its runs and end, even if several commands cancel it', async () => {
    await using folder = await WorkFolder.open(oneJobGraph)
    await using github = await LocalGitHub.open(folder, 'sleep 600')
    await using driving = startBuilt(run, { cwd: folder.path })
    await github.building(driving)
    const cancels = await Promise.all([
      runBuilt(['cancel', branch, '--sandbox'], { cwd: folder.path }),
      runBuilt(['cancel', branch, '--sandbox', '--json'], { cwd: folder.path }),
    ])
    expect(cancels.map(({ code }) => code)).toEqual([0, 0])
    expect(cancels[0].stdout).toContain(`${branch}  `)
    expect(cancels.filter(({ stderr }) => stderr.includes('to cancel its runs and end'))).toHaveLength(1)
    const driven = await driving.ended
    expect(driven).toMatchObject({ code: 130, signal: null, stderr: '' })
    expect(driven.stdout).toContain('interrupted by SIGINT; its runs were cancelled')
    await github.sandbox.admin.idle()
    expect(github.conclusions()).toEqual(['cancelled'])
    expect(github.states()).toEqual(['pending', 'error'])
    const names = await readdir(join(folder.sandbox, 'orchestrations'))
    expect(names).toEqual([`${await idIn(folder)}.jsonl`])
  })

  test('orch cancel cancels the runs of a killed process', async () => {
    await using folder = await WorkFolder.open(oneJobGraph)
    await using github = await LocalGitHub.open(folder, 'sleep 600')
    await using killed = startBuilt(run, { cwd: folder.path })
    await github.building(killed)
    await killed.until(/lib +dispatched/u)
    killed.signal('SIGKILL')
    await killed.ended
    const cancelled = await runBuilt(['cancel', '--sandbox'], { cwd: folder.path })
    expect(cancelled).toMatchObject({ code: 0, stderr: '' })
    expect(cancelled.stdout).toContain('interrupted by orch cancel; its runs were cancelled')
    await github.sandbox.admin.idle()
    expect(github.conclusions()).toEqual(['cancelled'])
    expect(github.states()).toEqual(['pending', 'error'])
    const again = await runBuilt(['cancel', branch, '--sandbox'], { cwd: folder.path })
    expect(again).toMatchObject({ code: 0, stderr: '' })
    expect(again.stdout).toContain('was cancelled before')
  })
})
