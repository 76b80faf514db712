import { writeFile } from 'node:fs/promises'
import { extname, resolve } from 'node:path'
import { Command, Option } from 'commander'
import { checkBranch } from '../../app/choose-branch.js'
import { readGraph } from '../../app/read-graph.js'
import type { ReadGraphResult } from '../../app/read-graph.js'
import { stop, usageProblem } from '../../app/problem.js'
import type { Result } from '../../app/problem.js'
import { failureText } from '../../lib/failure-text.js'
import { shownAt } from '../../model/build/history.js'
import type { Graph } from '../../model/graph.js'
import { viewBuiltGraph, viewChangeGraph, viewGraph } from '../../report/views/graph-view.js'
import type { GraphJob } from '../../report/views/graph-view.js'
import { withConnection } from '../connect/session.js'
import type { SessionContext } from '../connect/session.js'
import { withGraph } from '../connect/with-graph.js'
import type { CommonFlags } from '../flags/common-options.js'
import { addCommonOptions } from '../flags/common-options.js'
import type { ExitCode } from '../output/exit-codes.js'
import { exitCodes } from '../output/exit-codes.js'
import type { Messages } from '../output/messages.js'

const formats = ['text', 'mermaid', 'dot', 'svg'] as const
type Format = (typeof formats)[number]

/** The format of a drawing by the extension of its file. */
const formatOfExtension: Record<string, Format> = { '.svg': 'svg', '.dot': 'dot', '.gv': 'dot', '.mmd': 'mermaid' }

export interface GraphFlags extends CommonFlags {
  format?: Format
  output?: string
}

/** `orch graph`: draws the graph. */
export function graphCommand(action: (branch: string | undefined, flags: GraphFlags) => Promise<void>): Command {
  const command = new Command('graph')
    .description('draw the graph; with a branch, coloured by the state of its change')
    .argument('[branch]', 'branch of the change (default: the graph without a change)')
  return addCommonOptions(command)
    .addOption(
      new Option('--format <format>', 'format of the drawing (default: by the end of --output, else text)').choices(
        formats,
      ),
    )
    .option('-o, --output <file>', 'write the drawing to a file instead of stdout')
    .action((branch: string | undefined, flags: GraphFlags) => action(branch, flags))
}

export async function showGraph(
  context: SessionContext,
  messages: Messages,
  branch: string | undefined,
  flags: GraphFlags,
): Promise<ExitCode> {
  if (branch === undefined) {
    return withGraph(context, messages, flags, async ({ graph }) =>
      print(context, messages, { jobs: viewGraph(graph), flags, exitCode: exitCodes.success }),
    )
  }
  return withConnection(context, messages, flags, {
    prepare: ({ graph }) => checkBranch(graph, branch),
    work: async ({ loaded: { graph }, connection, store }) => {
      const read = await readGraph({ host: connection.github, store, graph, branch })
      const jobs = jobsOf(graph, read, context.clock.now())
      return print(context, messages, { jobs, flags, exitCode: exitCodeOf(read) })
    },
  })
}

function jobsOf(graph: Graph, read: ReadGraphResult, now: number): GraphJob[] {
  if (read.kind === 'status') return viewChangeGraph(graph, read.status)
  return viewBuiltGraph(read.entry.orchestration, shownAt(read.entry, now))
}

/** Not a success if a repository could not be read; a failed build does not make the drawing fail. */
function exitCodeOf(read: ReadGraphResult): ExitCode {
  if (read.kind === 'orchestration') return exitCodes.success
  if (read.verdict === 'auth') return exitCodes.authentication
  return read.status.setDigest === null ? exitCodes.notSuccessful : exitCodes.success
}

async function print(
  { cwd }: Pick<SessionContext, 'cwd'>,
  messages: Messages,
  { jobs, flags, exitCode }: { jobs: readonly GraphJob[]; flags: GraphFlags; exitCode: ExitCode },
): Promise<ExitCode> {
  const { output } = flags
  const format = flags.format ?? formatOfExtension[extname(output ?? '').toLowerCase()] ?? 'text'
  const drawn = await draw(
    jobs,
    format,
    output === undefined ? messages : { view: { color: false, columns: Infinity } },
  )
  if (!drawn.ok) return messages.reportProblems(drawn.problems)
  if (output === undefined) {
    messages.stdout.write(drawn.value)
    return exitCode
  }
  try {
    await writeFile(resolve(cwd, output), drawn.value)
  } catch (error) {
    const why = failureText(error)
    const remedy = 'Name a file in a folder that exists and that you may write to.'
    return messages.reportProblems([{ kind: 'failed', message: `${output} cannot be written`, why, remedy }])
  }
  return exitCode
}

/** The drawing as text that ends with a newline. Only the drawer of the format is loaded. */
async function draw(
  jobs: readonly GraphJob[],
  format: Format,
  { view }: Pick<Messages, 'view'>,
): Promise<Result<string>> {
  switch (format) {
    case 'text': {
      const { drawText } = await import('../../report/graph/text.js')
      return { ok: true, value: drawText(jobs, view) }
    }
    case 'mermaid': {
      const { drawMermaid } = await import('../../report/graph/mermaid.js')
      return { ok: true, value: `${drawMermaid(jobs)}\n` }
    }
    case 'dot': {
      const { drawDot } = await import('../../report/graph/dot.js')
      return { ok: true, value: `${drawDot(jobs)}\n` }
    }
    case 'svg': {
      const { drawSvgDocument, maxDrawnJobs } = await import('../../report/graph/svg.js')
      if (jobs.length <= maxDrawnJobs) return { ok: true, value: `${drawSvgDocument(jobs)}\n` }
      const why = `at most ${maxDrawnJobs} can be drawn readably`
      return stop(usageProblem(`the graph has ${jobs.length} jobs`, why, 'Use --format dot and a layout of Graphviz.'))
    }
  }
}
