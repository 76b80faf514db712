import { Command } from 'commander'
import { prepareResume, resumeOrchestration } from '../../app/resume-orchestration.js'
import { addCommonOptions } from '../flags/common-options.js'
import type { CommonFlags } from '../flags/common-options.js'
import { createFrontend } from '../connect/frontend.js'
import type { FrontendOptions } from '../connect/frontend.js'
import type { Context } from '../process/context.js'
import type { ExitCode } from '../output/exit-codes.js'
import { openStore } from '../connect/open-store.js'
import { reportDriven } from '../output/report-driven.js'
import { withConnection } from '../connect/session.js'
import type { Session } from '../connect/session.js'
import type { Messages } from '../output/messages.js'

export interface ResumeFlags extends CommonFlags {
  json?: boolean
  force?: boolean
}

/** `orch resume`: resumes an orchestration whose process ended before it did. */
export function resumeCommand(action: (named: string | undefined, flags: ResumeFlags) => Promise<void>): Command {
  const command = new Command('resume')
    .description('resume an unfinished orchestration, dispatching nothing twice')
    .argument(
      '[id|branch]',
      'id of the orchestration, its first or last characters, or a branch (default: the latest unfinished one)',
    )
  return addCommonOptions(command)
    .option('--json', 'one JSON event per line')
    .option('--force', 'resume although the graph file has changed, with the graph it began with')
    .action((named: string | undefined, flags: ResumeFlags) => action(named, flags))
}

/** Resumes an orchestration and shows it to the user. */
export async function resume(
  context: Context,
  messages: Messages,
  named: string | undefined,
  flags: ResumeFlags,
): Promise<ExitCode> {
  const asJson = flags.json === true
  return withConnection(context, messages, flags, {
    prepare: (loaded) => {
      const store = openStore(context, loaded)
      return prepareResume({ store, graph: loaded.graph, named, force: flags.force === true })
    },
    work: (session, id) => driveResumed({ context, messages, session, id, asJson }),
  })
}

export interface DriveResumedOptions extends FrontendOptions {
  context: Context
  session: Session
  id: string
}

/** Drives an orchestration that can be resumed to its end. */
export async function driveResumed(options: DriveResumedOptions): Promise<ExitCode> {
  const { context, messages, session, id } = options
  const { connection, store } = session
  const frontend = createFrontend(options)
  return reportDriven(
    messages,
    await resumeOrchestration({ host: connection.github, clock: context.clock, store, frontend, id }),
  )
}
