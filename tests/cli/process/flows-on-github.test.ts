import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { exampleGraph } from '../../support/example-graph.js'
import { RealTimeGitHub } from '../../support/real-time-github.js'
import { runBuilt } from '../support/built-command.js'
import type { Exit } from '../support/built-command.js'
import { WorkFolder } from '../support/work-folder.js'

const timeout = 240_000

describe('flows that a command executes on GitHub', () => {
  let github: RealTimeGitHub
  let folder: WorkFolder

  beforeEach(async () => {
    github = await RealTimeGitHub.open()
    folder = await WorkFolder.open(exampleGraph)
  }, timeout)
  afterEach(async () => {
    await github[Symbol.asyncDispose]()
    await folder[Symbol.asyncDispose]()
  }, timeout)

  async function send(id: string, step: string, env: Record<string, string> = {}): Promise<Exit> {
    const flow = join(folder.path, 'flows', 'work')
    await mkdir(flow, { recursive: true })
    await writeFile(join(flow, 'flow.yaml'), `name: work\non: { event: { types: [go] } }\nsteps:\n  - ${step}\n`)
    const connection = { GITHUB_API_URL: `${github.url}/api/v3`, GH_ENTERPRISE_TOKEN: github.sandbox.token }
    const words = ['event', 'send', 'go', '--id', id, '--source', 'test', '--json']
    return runBuilt(words, { cwd: folder.path, env: { ...connection, ...env } })
  }

  function stepOf({ stdout }: Exit): unknown {
    const { runs } = JSON.parse(stdout) as { runs: { attempts: { steps: { status: string; message: string }[] }[] }[] }
    const [step] = runs[0]?.attempts[0]?.steps ?? []
    return step && `${step.status}: ${step.message}`
  }

  test(
    'send repository events, build a change and lock it, with the token of the environment',
    async () => {
      await github.change('DPTA-1', 'repoB')
      const sent = await send('sent', 'dispatch: { repository: acme/repoA, event-type: published }')
      expect([sent.code, stepOf(sent)]).toEqual([0, 'completed: sent published to acme/repoA'])
      const built = await send('built', 'run: DPTA-1')
      expect([built.code, stepOf(built)]).toEqual([0, expect.stringMatching(/^completed: succeeded: /u)])
      expect(await github.states('repoB', 'DPTA-1')).toEqual(['pending', 'success'])
      const locked = await send('locked', 'invalidate: DPTA-*')
      expect([locked.code, stepOf(locked)]).toEqual([0, 'completed: locked DPTA-1'])
      expect(await github.states('repoB', 'DPTA-1')).toEqual(['pending', 'success', 'pending'])
      const wrong = await send('wrong', 'run: main')
      expect([wrong.code, stepOf(wrong)]).toEqual([1, expect.stringMatching(/^failed: /u)])
    },
    timeout,
  )

  test(
    'are refused without a token, and nothing is kept',
    async () => {
      const refused = await send('refused', 'run: DPTA-1', { GH_ENTERPRISE_TOKEN: '' })
      expect(refused.code).toBe(1)
      expect(refused.stderr).toContain('its step "run" needs GitHub')
      const listed = await runBuilt(['event', 'list', '--json'], { cwd: folder.path })
      expect(JSON.parse(listed.stdout)).toEqual({ items: [] })
    },
    timeout,
  )
})
