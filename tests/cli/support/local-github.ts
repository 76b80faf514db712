import { join } from 'node:path'
import { createProcessExecutor } from '../../../src/sandbox/process-executor.js'
import { createSandbox } from '../../../src/sandbox/sandbox.js'
import type { Sandbox } from '../../../src/sandbox/sandbox.js'
import { hangBell } from './bell.js'
import type { Bell } from './bell.js'
import type { BuiltCommand } from './built-command.js'
import type { WorkFolder } from './work-folder.js'

export const repository = 'acme/lib'
export const branch = 'DPTA-1122'

/** The embedded GitHub of a work folder, served by this process: the command finds it there, and the test can inspect and disturb it. */
export class LocalGitHub implements AsyncDisposable {
  readonly sandbox: Sandbox
  readonly url: string
  /** Head of the change. */
  readonly sha: string
  readonly #called: Promise<void>
  readonly #closeBell: () => void

  private constructor(sandbox: Sandbox, url: string, sha: string, bell: Bell) {
    this.sandbox = sandbox
    this.url = url
    this.sha = sha
    this.#called = bell.rung
    this.#closeBell = bell.close
  }

  /** Creates one repository with a change and its pull request. Its build calls the test, then runs `afterwards`. */
  static async open(folder: WorkFolder, afterwards: string): Promise<LocalGitHub> {
    const bell = await hangBell()
    const executor = createProcessExecutor({ workDirectory: join(folder.path, 'work') })
    const sandbox = await createSandbox({ stateDirectory: folder.sandbox, executor })
    await sandbox.admin.createRepository(repository)
    await sandbox.admin.commit(repository, 'main', { '.github/workflows/build.yml': workflow(bell.url, afterwards) })
    const sha = await sandbox.admin.commit(repository, branch, { 'change.txt': 'a change\n' })
    await sandbox.admin.openPull(repository, { head: branch })
    const { url } = await sandbox.listen()
    return new LocalGitHub(sandbox, url, sha, bell)
  }

  /** Resolves when a build has called; rejects if the command that should have dispatched it ends before. */
  building(command: BuiltCommand): Promise<void> {
    const tooEarly = command.ended.then((exit) => {
      throw new Error(`ended without a build: ${JSON.stringify(exit)}`)
    })
    return Promise.race([this.#called, tooEarly])
  }

  /** Conclusion of each run, oldest first. */
  conclusions(): (string | null)[] {
    return this.sandbox.admin.runs(repository).map(({ attempts }) => attempts.at(-1)?.conclusion ?? null)
  }

  /** States of the context on the change's head, oldest first. */
  states(): string[] {
    const statuses = this.sandbox.admin.statuses(repository, this.sha)
    return statuses.filter(({ context }) => context === 'orchestrator-build').map(({ state }) => state)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.sandbox.close()
    this.#closeBell()
  }
}

function workflow(bell: string, afterwards: string): string {
  return `name: build
on: workflow_dispatch
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: |
          node -e 'fetch("${bell}").then((response) => response.text())'
          ${afterwards}
`
}
