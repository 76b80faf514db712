import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { draftGraph } from '../../../app/init/draft-graph.js'
import { stop, usageProblem } from '../../../app/problem.js'
import type { Result } from '../../../app/problem.js'
import { graphFileName } from '../../../config/graph-file-paths.js'
import { listed } from '../../../lib/listed.js'
import { sanitize } from '../../../lib/sanitize.js'
import type { InitFlags } from '../init.js'
import { loadGraph } from '../../connect/graph-file.js'
import type { LoadedGraph } from '../../connect/graph-file.js'
import { exitCodes } from '../../output/exit-codes.js'
import type { ExitCode } from '../../output/exit-codes.js'
import type { Messages } from '../../output/messages.js'
import type { Context } from '../../process/context.js'
import { checkDemoFlags } from '../../init/read-flags.js'
import { otherFileNote, schemaAddress, writeGraphFile } from '../../init/write-graph-file.js'

const owner = 'ismenablement'
/** Not the branch and not the repository of the instructions of `orch sandbox`, so that they work here too. */
const branch = 'DPTA-1000'
const changed = ['repoC', 'repoD']

/** Each example repository with those that it needs. */
const example: Readonly<Record<string, readonly string[]>> = {
  repoA: [],
  repoB: ['repoA'],
  repoC: ['repoA'],
  repoD: ['repoA'],
  repoE: ['repoB', 'repoC', 'repoD'],
}

/** `orch init --demo`: a graph file for the example repositories, and a change of two of them on the embedded GitHub. */
export async function makePlayground(context: Context, messages: Messages, flags: InitFlags): Promise<ExitCode> {
  const made = await make(context, flags)
  if (!made.ok) return messages.reportProblems(made.problems)
  messages.stdout.write(instructions)
  const note = otherFileNote(context.env)
  if (note !== null) messages.note(note)
  return exitCodes.success
}

async function make(context: Context, flags: InitFlags): Promise<Result<null>> {
  const checked = checkDemoFlags(flags)
  if (!checked.ok) return checked
  const { cwd } = context
  const present = (await readdir(cwd)).filter((name) => name !== '.git').sort()
  if (present.length > 0) {
    const why = `the playground needs an empty folder, and ${cwd} has ${listed(present.map(sanitize))}`
    return stop(usageProblem('this folder is not empty', why, 'Make one: mkdir playground && cd playground'))
  }
  const draft = draftGraph(exampleDecisions())
  if (!draft.ok) return draft
  const written = await writeGraphFile(cwd, draft.value.text, context.argv)
  if (!written.ok) return written
  const loaded = await loadGraph(context, { config: join(cwd, graphFileName) })
  return loaded.ok ? pushChange(context, loaded.value) : loaded
}

function exampleDecisions(): Parameters<typeof draftGraph>[0] {
  const repositories = Object.keys(example).map((name) => `${owner}/${name}`)
  const needs = Object.entries(example).flatMap(([name, needed]) =>
    needed.map((other) => ({ dependent: `${owner}/${name}`, needed: `${owner}/${other}` })),
  )
  const workflows = { shared: 'build.yml', own: new Map<string, string>(), notes: [] }
  const none = { leftOut: [], proposed: [] }
  return { owner, branches: ['DPTA-*'], repositories, needs, ...none, workflows, schema: schemaAddress }
}

/** Starts the embedded GitHub, which keeps its state in the folder, for as long as it takes to push the change. */
async function pushChange(context: Context, loaded: LoadedGraph): Promise<Result<null>> {
  const { startSandbox } = await import('../../connect/sandbox-connection.js')
  const started = await startSandbox(context, loaded)
  if (!started.ok) return started
  const { sandbox } = started.value
  try {
    for (const name of changed) {
      const repo = `${owner}/${name}`
      const files = { 'CHANGES.md': `# ${name}\n\n- A change of ${changed.join(' and ')} together.\n` }
      await sandbox.admin.commit(repo, branch, files, { message: 'A change of two repositories' })
      await sandbox.admin.openPull(repo, { head: branch, title: 'A change of two repositories' })
    }
    return { ok: true, value: null }
  } finally {
    await sandbox.close()
  }
}

const instructions = `This folder is a playground for the embedded GitHub: five repositories, and a change of two of them.
${changed.join(' and ')} have the branch ${branch}, each with a pull request that cannot be merged yet.

  orch plan ${branch} --sandbox         see what a run would do
  orch run ${branch} --sandbox          build the change in order, then unlock its pull requests
  orch status ${branch} --sandbox       see that both can be merged now
  orch invalidate ${branch} --sandbox   lock them again
  orch sandbox                          clone, push and merge with git and curl; look at it in a browser

The builds are programs that run on this machine with your rights, as npm test does.
`
