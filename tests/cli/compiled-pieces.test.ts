import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))

function node(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' })
}

/** Prints the names of the pieces that a command loads, each with whether V8 refused what was compiled when it was built. */
const tellRefused = `
const { load, scripts } = require('./bin/load-pieces.js')
process.argv = [process.execPath, 'bin/orch.js', '--help']
process.stdout.write = () => true
process.on('exit', () => {
  for (const [path, script] of scripts) console.error(path.replace(/.*\\//, ''), script.cachedDataRejected)
})
load('./main.js')
`

describe('what V8 compiled when the command was built', () => {
  test('is taken by the same V8', () => {
    const { stderr } = node('-e', tellRefused)
    const lines = stderr.trim().split('\n')
    expect(lines).toContain('main.js false')
    expect(lines.filter((line) => line.endsWith(' true'))).toEqual([])
  })

  test('is refused by one with other flags, which compiles the source: the command says the same', () => {
    expect(node('--no-opt', '-e', tellRefused).stderr).toContain('main.js true')
    expect(node('--no-opt', 'bin/orch.js', '--help').stdout).toBe(node('bin/orch.js', '--help').stdout)
  })
})
