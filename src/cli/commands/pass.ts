import { Command } from 'commander'
import { passPullRequest } from '../../app/pass-pull-request.js'
import { failureProblem, stop, usageProblem } from '../../app/problem.js'
import type { Result } from '../../app/problem.js'
import type { Graph } from '../../model/graph.js'
import { repositoriesOf } from '../../model/graph.js'
import type { PassResult, Passed } from '../../model/passed.js'
import { ownerProblem, repoKey, repositoryProblem } from '../../model/repo-name.js'
import { withConnection } from '../connect/session.js'
import type { CommonFlags } from '../flags/common-options.js'
import { addCommonOptions } from '../flags/common-options.js'
import type { ExitCode } from '../output/exit-codes.js'
import { exitCodes } from '../output/exit-codes.js'
import type { Messages } from '../output/messages.js'
import type { Context } from '../process/context.js'

export interface PassFlags extends CommonFlags {
  pullRequest: string
  json?: boolean
}

/** `orch pass`: unlocks a pull request that belongs to no change. */
export function passCommand(action: (flags: PassFlags) => Promise<void>): Command {
  const command = new Command('pass').description('post success on a pull request that is not a coordinated change')
  return addCommonOptions(command)
    .requiredOption('--pull-request <owner/repo#number>', 'the pull request')
    .option('--json', 'one JSON document')
    .action((flags: PassFlags) => action(flags))
}

export async function pass(context: Context, messages: Messages, flags: PassFlags): Promise<ExitCode> {
  return withConnection(context, messages, flags, {
    prepare: ({ graph }) => readPullRequest(graph, flags.pullRequest),
    work: async ({ loaded: { graph }, connection: { github: host, serverUrl } }, { repo, number }) => {
      const link = `${serverUrl}/${repo}/pull/${number}`
      const result = await passPullRequest({ host, graph, repo, number, link })
      await print(messages, { repo, number, result }, flags.json === true)
      return exitCodeByKind[result.kind]
    },
  })
}

/** A pull request of a repository of the graph. */
function readPullRequest(graph: Graph, text: string): Result<{ repo: string; number: number }> {
  const [, owner = '', name = '', digits = ''] = /^([^/#]+)\/([^/#]+)#([1-9]\d{0,9})$/u.exec(text) ?? []
  if (digits === '' || ownerProblem(owner) !== undefined || repositoryProblem(name) !== undefined) {
    const why = 'it must be the owner, the repository and the number'
    return stop(usageProblem(`"${text}" is not a pull request`, why, 'Write it like acme/repoB#12.'))
  }
  const repo = repositoriesOf(graph).find((each) => repoKey(each) === repoKey(`${owner}/${name}`))
  if (repo !== undefined) return { ok: true, value: { repo, number: Number(digits) } }
  const why = 'orch posts statuses only in the repositories of the graph file'
  const remedy = 'Check the spelling, or add the repository to the graph file.'
  return stop(usageProblem(`${owner}/${name} is not part of the graph`, why, remedy))
}

const exitCodeByKind: Record<PassResult['kind'], ExitCode> = {
  passed: exitCodes.success,
  unchanged: exitCodes.success,
  coordinated: exitCodes.notSuccessful,
  'shared-head': exitCodes.notSuccessful,
  closed: exitCodes.notSuccessful,
  'other-repository': exitCodes.usage,
  failed: exitCodes.notSuccessful,
  auth: exitCodes.authentication,
}

async function print(messages: Messages, passed: Passed, asJson: boolean): Promise<void> {
  if (asJson) {
    const [{ jsonDocument }, { passToJson }] = await Promise.all([
      import('../../report/json/json.js'),
      import('../../report/json/pass-json.js'),
    ])
    messages.stdout.write(jsonDocument(passToJson(passed)))
    return
  }
  const { result } = passed
  if (result.kind === 'failed' || result.kind === 'auth') {
    messages.reportProblems([failureProblem(result.failure)])
    return
  }
  const { renderPassed } = await import('../../report/views/passed-view.js')
  messages.stdout.write(renderPassed(passed, messages.view))
}
