import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { initGraph } from '../../../app/init/init-graph.js'
import type { InitializedGraph } from '../../../app/init/init-graph.js'
import type { Questions } from '../../../app/init/questions.js'
import { exampleBranch } from '../../../app/choose-branch.js'
import { graphFileName } from '../../../config/graph-file-paths.js'
import { counted } from '../../../lib/counted.js'
import { sanitize, shellWord } from '../../../lib/sanitize.js'
import type { Graph } from '../../../model/graph.js'
import { renderProposal } from '../../../report/views/proposal-view.js'
import type { InitFlags } from '../init.js'
import { connectRepositories } from '../../connect/repository-connection.js'
import { exitCodes } from '../../output/exit-codes.js'
import type { ExitCode } from '../../output/exit-codes.js'
import type { Messages } from '../../output/messages.js'
import type { Context } from '../../process/context.js'
import { untilAsked } from '../../process/until-asked.js'
import { readInitFlags } from '../../init/read-flags.js'
import type { ReadFlags } from '../../init/read-flags.js'
import { existsProblem, otherFileNote, schemaAddress, writeGraphFile } from '../../init/write-graph-file.js'

/** `orch init` on repositories of GitHub. */
export async function runInit(context: Context, messages: Messages, flags: InitFlags): Promise<ExitCode> {
  const read = readInitFlags(flags)
  if (!read.ok) return messages.reportProblems(read.problems)
  // Before any question: the answers would be lost.
  if (flags.dryRun !== true && existsSync(join(context.cwd, graphFileName))) {
    return messages.reportProblems([existsProblem(context.argv)])
  }
  const asked = untilAsked(context)
  const interrupted = once(asked.signal).then(() => endInterrupted(context, messages, asked.signal))
  try {
    return await Promise.race([
      initConnected(context, messages, flags, { ...read.value, signal: asked.signal }),
      interrupted,
    ])
  } finally {
    asked.stop()
  }
}

function once(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}

/** Ends the process: a request in flight may never be answered. */
async function endInterrupted({ exit }: Context, messages: Messages, { reason }: AbortSignal): Promise<ExitCode> {
  messages.reportProblems([
    {
      kind: 'interrupted',
      message: `interrupted by ${String(reason)}`,
      why: 'the command was stopped before it had finished',
      remedy: 'Run it again.',
    },
  ])
  await Promise.all([messages.stdout.flush(), messages.stderr.flush()])
  exit(exitCodes.interrupted)
  return exitCodes.interrupted
}

async function initConnected(
  context: Context,
  messages: Messages,
  flags: InitFlags,
  { choice, branches, signal }: ReadFlags & { signal: AbortSignal },
): Promise<ExitCode> {
  const connected = await connectRepositories(context, messages, { verbose: flags.verbose === true, closed: signal })
  if (!connected.ok) return messages.reportProblems(connected.problems)
  const { host, close } = connected.value
  try {
    const questions = await openQuestions(context, messages, flags, signal)
    const made = await initGraph({ host, questions }, { choice, branches, schema: schemaAddress })
    // An answer that comes together with a signal must not be written any more.
    if (signal.aborted) return exitCodes.interrupted
    if (!made.ok) return messages.reportProblems(made.problems)
    for (const note of made.value.notes) messages.note(`note: ${sanitize(note)}`)
    if (flags.dryRun === true) {
      messages.stdout.write(made.value.text)
      return exitCodes.success
    }
    // A question has shown it before.
    if (!questions)
      messages.stdout.write(`${renderProposal({ ...made.value, ...made.value.proposal }, messages.view)}\n`)
    return await write(context, messages, made.value)
  } finally {
    await close()
  }
}

/** Null: nobody is there, or nobody is to be asked. */
async function openQuestions(
  { stdin, stdout, env }: Context,
  messages: Messages,
  { yes }: InitFlags,
  signal: AbortSignal,
): Promise<Questions | null> {
  if (yes === true || !stdin.isTTY || !stdout.isTTY || env['TERM'] === 'dumb') return null
  const { createTerminalQuestions } = await import('../../init/ask-on-terminal.js')
  return createTerminalQuestions({ stdin, stdout, messages, signal })
}

/** A branch to try: where any branch can be a change, one that nobody takes for an issue of a tracker. */
function nextBranch(graph: Graph): string {
  return graph.branches[0] === '**' ? 'my-change' : exampleBranch(graph)
}

async function write({ cwd, argv, env }: Context, messages: Messages, made: InitializedGraph): Promise<ExitCode> {
  const written = await writeGraphFile(cwd, made.text, argv)
  if (!written.ok) return messages.reportProblems(written.problems)
  const { jobs } = made.graph
  const needs = jobs.reduce((sum, job) => sum + job.needs.length, 0)
  messages.stdout.write(
    `Wrote ${written.value.join(' and ')}: ${counted(jobs.length, 'job')} of ${sanitize(made.owner)}, ${counted(needs, 'need')}.
Check the needs and the branches in it, and commit it. Then see what a run of a change would do:

  orch plan ${shellWord(nextBranch(made.graph))}
`,
  )
  const note = otherFileNote(env)
  if (note !== null) messages.note(note)
  return exitCodes.success
}
