import { mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { hideFromGit } from '../../lib/hide-from-git.js'
import type { Graph } from '../../model/graph.js'
import { createProcessExecutor } from '../../sandbox/process-executor.js'
import { createSandbox } from '../../sandbox/sandbox.js'
import type { Sandbox } from '../../sandbox/sandbox.js'
import { seedFiles } from '../../sandbox/seed.js'
import { lockDirectory, StateDirectoryInUse } from '../../sandbox/state/lock.js'
import type { Clock } from '../../ports/clock.js'
import type { GitHubAccess } from './find-github.js'
import { open } from './github-connection.js'
import type { Connection, ConnectionOptions } from './github-connection.js'
import type { LoadedGraph } from './graph-file.js'
import { stop } from '../../app/problem.js'
import type { Problem, Result } from '../../app/problem.js'
import type { Messages } from '../output/messages.js'

/** An embedded GitHub that listens. */
export interface RunningSandbox {
  url: string
  token: string
}

/** Uses the embedded GitHub that `orch sandbox` runs for this graph file, else starts one for the time of the command. */
export async function connectSandbox(
  access: GitHubAccess,
  loaded: LoadedGraph,
  messages: Messages,
  options: ConnectionOptions,
): Promise<Result<Connection>> {
  const running = await findRunning(loaded.sandboxDirectory)
  if (running) return { ok: true, value: connectionTo(access, messages, options, running) }
  const started = await startSandbox(access, loaded)
  if (!started.ok) return started
  const { sandbox, url } = started.value
  const connection = connectionTo(access, messages, options, { url, token: sandbox.token })
  const close = async (): Promise<void> => {
    await connection.close()
    await sandbox.close()
  }
  return { ok: true, value: { ...connection, close } }
}

function connectionTo(
  access: GitHubAccess,
  messages: Messages,
  options: ConnectionOptions,
  { url, token }: RunningSandbox,
): Connection {
  const opened = open(access, messages, options, { apiUrl: `${url}/api/v3`, token, fetch: access.fetch })
  return { ...opened, serverUrl: url }
}

/** Starts the embedded GitHub on a port (0: any free one) and creates the repositories of the graph that it does not have yet. */
export async function startSandbox(
  { clock }: { clock: Clock },
  loaded: LoadedGraph,
  port = 0,
): Promise<Result<{ sandbox: Sandbox; url: string }>> {
  const stateDirectory = loaded.sandboxDirectory
  try {
    const executor = createProcessExecutor({ workDirectory: join(stateDirectory, 'work'), clock })
    await mkdir(stateDirectory, { recursive: true, mode: 0o700 })
    await hideFromGit(stateDirectory)
    const sandbox = await createSandbox({ stateDirectory, clock, executor })
    await seed(sandbox, loaded.graph)
    const { url } = await sandbox.listen(port)
    return { ok: true, value: { sandbox, url } }
  } catch (error) {
    if (error instanceof StateDirectoryInUse) return stop(await inUseProblem(stateDirectory, error))
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
      const why = 'another program listens there'
      return stop({
        kind: 'failed',
        message: `port ${port} is taken`,
        why,
        remedy: 'Choose another one with --port.',
      })
    }
    throw error
  }
}

/** Removes all state of the sandbox of a graph file, unless a process uses it. */
export async function resetSandbox(loaded: LoadedGraph): Promise<Result<null>> {
  const stateDirectory = loaded.sandboxDirectory
  await mkdir(stateDirectory, { recursive: true, mode: 0o700 })
  try {
    const unlock = await lockDirectory(stateDirectory)
    try {
      await rm(stateDirectory, { recursive: true, force: true })
    } finally {
      await unlock()
    }
    return { ok: true, value: null }
  } catch (error) {
    if (error instanceof StateDirectoryInUse) return stop(await inUseProblem(stateDirectory, error))
    throw error
  }
}

async function inUseProblem(stateDirectory: string, { pid }: StateDirectoryInUse): Promise<Problem> {
  const running = await findRunning(stateDirectory)
  const kind = 'failed'
  const why = 'its state can belong to one process only'
  if (running) {
    const message = `the sandbox of this graph file is running already, as process ${pid} on ${running.url}`
    return { kind, message, why, remedy: `Use that one, as other commands with --sandbox do, or stop it: kill ${pid}` }
  }
  const message = `the sandbox of this graph file is in use by process ${pid}`
  const remedy = `Wait until that command ends, or stop it: kill ${pid}`
  return { kind, message, why: `${why}, and that process does not answer as a server`, remedy }
}

/** Creates what the graph names and the sandbox does not have: repositories, and the rule that requires our status. */
async function seed(sandbox: Sandbox, graph: Graph): Promise<void> {
  const jobs = graph.jobs.map(({ id, repo, workflow, event }) => ({
    job: id,
    repo,
    workflow,
    ...(event ? { eventType: event.type } : {}),
  }))
  for (const { repo, defaultBranch, files } of await seedFiles(jobs)) {
    if (!sandbox.admin.hasRepository(repo)) {
      await sandbox.admin.createRepository(repo, { defaultBranch })
      sandbox.admin.requireStatus(repo, graph.statusContext)
    }
    // A repository without a commit is new, or left over from a start that was killed.
    if ((await sandbox.admin.branch(repo, defaultBranch)) === null) {
      await sandbox.admin.commit(repo, defaultBranch, files, { message: 'First version' })
    }
  }
}

/** The embedded GitHub that listens with this state directory; null: none does. */
async function findRunning(stateDirectory: string): Promise<RunningSandbox | null> {
  const server = await readIfThere(join(stateDirectory, 'server.json'))
  const token = await readIfThere(join(stateDirectory, 'token'))
  if (server === null || token === null) return null
  const announced: unknown = JSON.parse(server)
  if (typeof announced !== 'object' || announced === null || !('url' in announced)) return null
  const url = String(announced.url)
  if (!/^http:\/\/127\.0\.0\.1:\d+$/u.test(url)) return null
  return (await answers(url)) ? { url, token: token.trim() } : null
}

/** A killed server leaves its announcement behind, so that only an answer counts. */
async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/api/v3/rate_limit`)).ok
  } catch {
    return false
  }
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}
