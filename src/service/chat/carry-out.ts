import { failureProblem, type Problem } from '../../app/problem.js'
import { mayWrite } from '../../model/permission.js'
import type { RepoName } from '../../model/repo-name.js'
import type { People } from '../../ports/host/people.js'
import type { Read } from '../../ports/host/read.js'
import type { ChangeCommands } from '../commands/change-commands.js'
import { executeCommand } from '../commands/execute-command.js'
import { describeOutcome, type OutcomeText } from '../commands/outcome-text.js'
import type { Log } from '../operations/log.js'
import type { SlackCommand } from './slack-command.js'

export interface CarryOutOptions {
  host: Pick<People, 'readPermission'>
  commands: ChangeCommands
  log: Log
}

/**
 * Does what a person asked for in Slack, if their login may write to every member of the change. `eventId`: the same one again queues no second run.
 */
export async function carryOutSlackCommand(
  options: CarryOutOptions,
  { name, branch, login, user }: SlackCommand,
  eventId: string,
): Promise<OutcomeText> {
  const fields = { command: name, change: branch, login, slackUser: user }
  const members = await readMembers(options.commands, branch)
  const problems = members.ok
    ? await findDenials(options.host, members.value, login)
    : [failureProblem(members.failure)]
  if (problems.length > 0) {
    options.log.info({ ...fields, problem: problems[0]?.message }, 'Refused a command from Slack')
    return describeOutcome({ kind: 'stopped', problems })
  }
  const outcome = await executeCommand(options.commands, { name, branch, by: `@${login} in Slack`, eventId })
  options.log.info({ ...fields, result: outcome.kind }, 'Carried out a command from Slack')
  return describeOutcome(outcome)
}

/** The repositories of the change. One that could not be read may be a member. */
async function readMembers(commands: ChangeCommands, branch: string): Promise<Read<RepoName[]>> {
  const { status } = await commands.status(branch)
  const unreadable = status.repositories.find((row) => row.kind === 'unreadable')
  if (unreadable?.kind === 'unreadable') return { ok: false, failure: unreadable.failure }
  return { ok: true, value: status.repositories.flatMap((row) => (row.kind === 'member' ? [row.repo] : [])) }
}

/** Why the person may not; empty: they may. */
async function findDenials(
  host: CarryOutOptions['host'],
  members: readonly RepoName[],
  login: string,
): Promise<Problem[]> {
  if (members.length === 0) {
    const why = 'no repository of the graph has the branch, so nobody can be asked for it'
    return [{ kind: 'usage', message: 'there is no such change', why, remedy: 'Check the name of the branch.' }]
  }
  const read = await Promise.all(members.map(async (repo) => ({ repo, read: await host.readPermission(repo, login) })))
  return read.flatMap(({ repo, read: permission }) => {
    if (permission.ok) return mayWrite(permission.value) ? [] : [denial(repo, login)]
    return [permission.failure.kind === 'not-found' ? denial(repo, login) : failureProblem(permission.failure)]
  })
}

function denial(repo: RepoName, login: string): Problem {
  return {
    kind: 'auth',
    message: `${login} has no write permission on ${repo}`,
    why: 'a command needs it on every repository of the change',
    remedy: 'Ask an administrator of the repository.',
  }
}
