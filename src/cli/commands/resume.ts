import { Command } from 'commander'
import { prepareResume, resumeOrchestration } from '../../app/resume-orchestration.js'
import type { Result } from '../../app/problem.js'
import { createFrontend } from '../connect/frontend.js'
import type { LoadedGraph } from '../connect/graph-file.js'
import { openStore } from '../connect/open-store.js'
import { withConnection } from '../connect/session.js'
import type { Session } from '../connect/session.js'
import { addCommonOptions } from '../flags/common-options.js'
import type { CommonFlags } from '../flags/common-options.js'
import type { ExitCode } from '../output/exit-codes.js'
import type { Messages } from '../output/messages.js'
import { reportDriven } from '../output/report-driven.js'
import type { Context } from '../process/context.js'

export interface ResumeFlags extends CommonFlags {
  json?: boolean
  force?: boolean
}

/** `orch resume`: resumes an orchestration whose process ended before it did. */
export function resumeCommand(action: (id: string | undefined, flags: ResumeFlags) => Promise<void>): Command {
  const command = new Command('resume')
    .description('resume an unfinished orchestration')
    .argument('[id]', 'id of the orchestration (default: the latest unfinished one)')
  return addCommonOptions(command)
    .option('--json', 'one JSON event per line')
    .option('--force', 'resume although the graph file has changed; the orchestration keeps the graph it began with')
    .action((id: string | undefined, flags: ResumeFlags) => action(id, flags))
}

export async function resume(
  context: Context,
  messages: Messages,
  named: string | undefined,
  flags: ResumeFlags,
): Promise<ExitCode> {
  return withConnection<string>(context, messages, flags, {
    prepare: (loaded) => prepare(context, loaded, named, flags),
    work: (session, id) => driveResumed(context, messages, session, { id, asJson: flags.json === true }),
  })
}

async function prepare(
  context: Context,
  loaded: LoadedGraph,
  named: string | undefined,
  flags: ResumeFlags,
): Promise<Result<string>> {
  const store = openStore(context, loaded)
  const prepared = await prepareResume({ store, graph: loaded.graph, named, force: flags.force === true })
  return prepared.kind === 'ready' ? { ok: true, value: prepared.id } : { ok: false, problems: prepared.problems }
}

/** Drives an unfinished orchestration to its end in a session. */
export async function driveResumed(
  context: Context,
  messages: Messages,
  session: Session,
  { id, asJson }: { id: string; asJson: boolean },
): Promise<ExitCode> {
  const result = await resumeOrchestration({
    host: session.connection.github,
    clock: context.clock,
    frontend: createFrontend({ context, messages, session, asJson }),
    store: session.store,
    id,
  })
  return reportDriven(messages, result)
}
