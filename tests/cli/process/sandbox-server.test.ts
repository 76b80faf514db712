import { once } from 'node:events'
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { runBuilt } from '../support/built-command.js'
import type { Instructions } from '../support/instructions.js'
import { startSandboxCommand } from '../support/running-sandbox.js'
import { shell } from '../support/shell.js'
import { oneJobGraph, WorkFolder } from '../support/work-folder.js'

const secrets = { GH_TOKEN: 'ghp_canary_one', SECRET_X: 'canary_two', NPM_TOKEN: 'canary_three' }

/** Pushes a change whose build writes its environment to a file. */
async function pushSpy(folder: WorkFolder, { token, clone, push }: Instructions): Promise<void> {
  const workflow = 'lib/.github/workflows/build.yml'
  const spy = `node -e 'const fs = require("fs")
    const file = process.argv[1]
    fs.writeFileSync(file, fs.readFileSync(file, "utf8").replace("test -f README.md", "env > ${folder.path}/environment"))' ${workflow}`
  await shell(folder.path, `${token}\n${clone}\n${spy}\n(cd lib && git add --all)\n${push}`)
}

/** Whether a server answers at this address. */
async function answers(host: string, port: number): Promise<boolean> {
  const socket = connect({ host, port })
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(5_000) })
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

describe.concurrent('orch sandbox', () => {
  test('orch sandbox keeps its state after it ends, and never passes the environment of a server to a build', async () => {
    await using folder = await WorkFolder.open(oneJobGraph)
    const run = ['run', 'DPTA-1122', '--sandbox', '--verbose']
    const environment = (): Promise<string> => readFile(join(folder.path, 'environment'), 'utf8')
    {
      await using server = await startSandboxCommand(folder, secrets)
      await pushSpy(folder, server.instructions)
      const served = await runBuilt(run, { cwd: folder.path, env: secrets })
      expect(served.code).toBe(0)
      expect(served.stdout).toContain(server.instructions.url)
      expect(JSON.stringify(served)).not.toMatch(/canary/u)
      expect(await environment()).toMatch(/^GITHUB_REF_NAME=DPTA-1122$/mu)
      expect(await environment()).not.toMatch(/canary/u)
      server.signal('SIGTERM')
      expect(await server.ended).toMatchObject({ code: 0, signal: null })
    }
    await shell(folder.path, 'rm environment')
    const alone = await runBuilt(run, { cwd: folder.path, env: secrets })
    expect(alone.code).toBe(0)
    expect(await environment()).toMatch(/^GITHUB_REF_NAME=DPTA-1122$/mu)
    expect(await environment()).not.toMatch(/canary/u)
    await using again = await startSandboxCommand(folder)
    const answer = await fetch(`${again.instructions.url}/api/v3/repos/acme/lib/actions/runs`)
    expect(await answer.json()).toMatchObject({ total_count: 2 })
  })

  test('a second orch sandbox for the same graph file reports the address of the first one and does no damage', async () => {
    await using folder = await WorkFolder.open(oneJobGraph)
    await using server = await startSandboxCommand(folder)
    for (const words of [['sandbox'], ['sandbox', '--reset']]) {
      const second = await runBuilt(words, { cwd: folder.path })
      expect(second).toMatchObject({ code: 1, stdout: '' })
      expect(second.stderr).toContain('is running already, as process')
      expect(second.stderr).toContain(server.instructions.url)
    }
    expect(await shell(folder.path, `${server.instructions.token}\n${server.instructions.clone} && ls lib`)).toContain(
      'README.md',
    )
  })

  test('orch sandbox completes a first start that was killed halfway', async () => {
    await using folder = await WorkFolder.open(oneJobGraph)
    // This repository is missing in the state, as between its creation and the next write.
    const halfway = join(folder.sandbox, 'git', '1000003.git')
    await mkdir(halfway, { recursive: true })
    await writeFile(join(halfway, 'HEAD'), 'half a fi')
    await using server = await startSandboxCommand(folder)
    expect(await readdir(join(folder.sandbox, 'git'))).toEqual(['1000003.git'])
    const branches = await fetch(`${server.instructions.url}/api/v3/repos/acme/lib/branches`)
    expect(await branches.json()).toMatchObject([{ name: 'main' }])
  })

  test('orch sandbox --reset deletes the state of the sandbox', async () => {
    await using folder = await WorkFolder.open(oneJobGraph)
    {
      await using server = await startSandboxCommand(folder)
      const { token, clone, push } = server.instructions
      await shell(folder.path, `${token}\n${clone}\n${push}`)
      server.signal('SIGINT')
      expect(await server.ended).toMatchObject({ code: 0, signal: null })
    }
    expect(await runBuilt(['plan', 'DPTA-1122', '--sandbox'], { cwd: folder.path })).toMatchObject({ code: 0 })
    await using fresh = await startSandboxCommand(folder, {}, ['--reset'])
    const branches = await fetch(`${fresh.instructions.url}/api/v3/repos/acme/lib/branches`)
    expect(await branches.json()).toMatchObject([{ name: 'main' }])
  })

  test('orch sandbox keeps its state out of the surrounding git checkout', async () => {
    await using folder = await WorkFolder.open(oneJobGraph)
    await using server = await startSandboxCommand(folder)
    expect(server.instructions.token).not.toBe('')
    const seen = await shell(folder.path, 'git init --quiet . && git status --porcelain --untracked-files=all')
    expect(seen).toContain('orchestrator.yaml')
    expect(seen).not.toContain('.orch')
  })

  test('orch sandbox listens on 127.0.0.1 only, and makes its token readable for its owner only', async () => {
    await using folder = await WorkFolder.open(oneJobGraph)
    await using server = await startSandboxCommand(folder)
    const port = Number(new URL(server.instructions.url).port)
    const others = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .filter(({ address, scopeid }) => address !== '127.0.0.1' && !scopeid)
      .map(({ address }) => address)
    expect(await answers('127.0.0.1', port)).toBe(true)
    // On Linux all of 127.0.0.0/8 is this machine, so that 127.0.0.2 shows the difference even without a network.
    for (const address of ['127.0.0.2', ...others])
      expect([address, await answers(address, port)]).toEqual([address, false])
    expect((await stat(join(folder.sandbox, 'token'))).mode & 0o777).toBe(0o600)
  })
})
