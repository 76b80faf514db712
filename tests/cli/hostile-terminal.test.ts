import { expect, test } from 'vitest'
import { Scene } from '../support/scene.js'

const escape = String.fromCharCode(27)
const bell = String.fromCharCode(7)
const title = `${escape}]0;owned${bell}${escape}[2J \u202egnp \u2066x`
const log = [
  `${escape}]8;;http://evil.example${escape}\\click${escape}]8;;${escape}\\`,
  `${escape}[31mred${escape}[0m ${escape}[6n ${escape}c`,
  '::error::injected by a build',
  'one\rtwo\u009b2J',
]
/** The control sequences that the live display itself may send: cursor movement, erasing, colors, showing and hiding the cursor. */
const ours = new RegExp(`${escape}\\[(?:\\d*(?:;\\d+)*[ABCDGHJKm]|\\?25[lh])|\\r?\\n|\\r`, 'gu')

test.each(['', '1'])(
  'text from GitHub cannot inject control sequences into the live display (NO_COLOR=%j)',
  async (noColor) => {
    await using scene = await Scene.open()
    await scene.push('repoB', 'DPTA-1')
    await scene.sandbox.admin.openPull('acme/repoB', { head: 'DPTA-1', title })
    scene.builds.script('acme/repoB').concludes('failure', { log, times: Infinity })
    const options = { terminal: { columns: 80, rows: 24 }, env: { NO_COLOR: noColor } }
    for (const words of ['run DPTA-1', 'run DPTA-1 --verbose', 'plan DPTA-1', 'status DPTA-1', 'invalidate DPTA-1']) {
      const { stdout, stderr } = await scene.orch(words, options)
      const rest = (stdout + stderr).replace(ours, ' ')
      expect(rest).not.toBe('')
      expect(rest.match(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu)).toBeNull()
      // The display must not erase the screen: the rows above it belong to the user.
      expect(stdout).not.toContain(`${escape}[2J`)
    }
    expect((await scene.orch('run DPTA-1', options)).stdout).toContain('injected by a build')
  },
)
