import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Scene } from '../../support/scene.js'

const escape = '\u001b'
const colour = new RegExp(`${escape}\\[[0-9;]*m`, 'u')
const control = new RegExp(`${escape}\\[[0-9;?]*[A-Za-z]`, 'gu')

describe('output of orch run', () => {
  test('the output of orch run fits a terminal of 80 columns, has no color with NO_COLOR, and ends with the summary', async () => {
    await using scene = await Scene.open()
    await scene.change('repoB', 'DPTA-1')
    scene.builds.script('acme/repoB').concludes('failure', { log: ['x'.repeat(200)] })
    const { code, stdout } = await scene.orch('run DPTA-1', { terminal: { columns: 80, rows: 24 } })
    expect(code).toBe(1)
    expect(stdout).not.toMatch(colour)
    expect(stdout).toContain('repoB')
    expect(stdout).toContain('DPTA-1 failed after')
    const lines = stdout.replaceAll(control, '').split(/\r?\n/u)
    expect(lines.filter((line) => line.length > 80 && !line.includes('http'))).toEqual([])
  })

  test('the output of orch run in a pipe is plain lines, each with its time', async () => {
    await using scene = await Scene.open()
    await scene.change('repoB', 'DPTA-1')
    const { stdout } = await scene.orch('run DPTA-1')
    const lines = stdout.trimEnd().split('\n')
    expect(lines.length).toBeGreaterThan(5)
    for (const line of lines) expect(line).toMatch(/^2026-11-21T\d\d:\d\d:\d\dZ \S/u)
  })

  test('the output of orch run in GitHub Actions has groups, annotations, step outputs, and a step summary with a table and a diagram', async () => {
    await using scene = await Scene.open()
    await scene.change('repoB', 'DPTA-1')
    scene.builds.script('acme/repoB').concludes('failure')
    const files = {
      GITHUB_OUTPUT: join(scene.directory, 'output'),
      GITHUB_STEP_SUMMARY: join(scene.directory, 'summary'),
    }
    for (const file of Object.values(files)) await writeFile(file, '')
    const { code, stdout } = await scene.orch('run DPTA-1', { env: { GITHUB_ACTIONS: 'true', ...files } })
    expect(code).toBe(1)
    expect(stdout).toMatch(/^::group::/mu)
    expect(stdout).toMatch(/^::error /mu)
    const summary = await readFile(files.GITHUB_STEP_SUMMARY, 'utf8')
    expect(summary).toContain('```mermaid')
    expect(summary).toMatch(/^\|.*repoB.*\|$/mu)
    expect(await readFile(files.GITHUB_OUTPUT, 'utf8')).toContain('failed')
  })
})
