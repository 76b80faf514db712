import { checkBranch } from '../../app/choose-branch.js'
import { failureProblem, usageProblem, type Problem } from '../../app/problem.js'
import { isTransientFailure, type Failure } from '../../model/failure.js'
import type { Graph } from '../../model/graph.js'
import { mayWrite } from '../../model/permission.js'
import type { RepoName } from '../../model/repo-name.js'
import type { Reaction } from '../../ports/host/comments.js'
import type { Log } from '../operations/log.js'
import type { ServiceHost } from '../service-host.js'
import type { ChangeCommands } from './change-commands.js'
import { commentMarker, renderComment } from './comment-text.js'
import { executeCommand } from './execute-command.js'
import { describeOutcome, helpText, type OutcomeText } from './outcome-text.js'
import { parseComment, type ParsedCommand } from './parse-command.js'
import type { RunComments } from './run-comments.js'
import type { StatusComments } from './status-comment.js'

/** A new comment on a pull request, as the webhook delivered it. */
export interface WrittenComment {
  repo: RepoName
  number: number
  commentId: number
  /** Login, untrusted text. */
  author: string
  /** Untrusted text. */
  body: string
}

export interface AnswerCommentsOptions {
  host: Pick<ServiceHost, 'readPermission' | 'readPullRequestHead' | 'react'>
  graph: Graph
  commands: ChangeCommands
  log: Log
  statusComments: StatusComments
  /** Updates the comment at the end of a run. */
  runComments: Pick<RunComments, 'expect'>
}

/** `result`: what was done, or why nothing was. `failed`: nothing was done yet, and the comment can be answered again. */
export type CommentAnswer = { kind: 'answered'; result: string } | { kind: 'failed'; failure: Failure }

/** Answers one comment; safe to repeat. */
export type AnswerComment = (comment: WrittenComment) => Promise<CommentAnswer>

/**
 * Answers the commands in comments: with a reaction, and with the one status comment of the pull request. Only people with write permission on the
 * repository are answered; others get a reaction.
 */
export function createAnswerComment(options: AnswerCommentsOptions): AnswerComment {
  const { host, graph, log, statusComments, runComments } = options
  return async (comment) => {
    const { repo, number, author } = comment
    const written = parseComment(comment.body)
    if (written === null) return answered('it has no command')
    // With a personal token, the own comments are those of a person, who may write commands too.
    if (comment.body.includes(commentMarker(graph.statusContext))) return answered('it is the status comment')
    const fields = { repository: repo, pullRequest: number, comment: comment.commentId, author }
    const permission = await host.readPermission(repo, author)
    if (!permission.ok && permission.failure.kind !== 'not-found') {
      if (isWorthRepeating(permission.failure)) return { kind: 'failed', failure: permission.failure }
      log.warn({ ...fields, failure: permission.failure.message }, 'A command in a comment cannot be answered')
      return answered(`the permission of ${author} could not be read: ${permission.failure.message}`)
    }
    if (!permission.ok || !mayWrite(permission.value)) {
      await react(options, comment, '-1')
      log.info(fields, 'Refused a command in a comment: its author has no write permission')
      return answered(`${author} has no write permission on ${repo}`)
    }
    await react(options, comment, 'eyes')
    const outcome = await carryOut(options, comment, written.command)
    if (outcome.kind === 'failed') return outcome
    const { text, result, workload } = outcome
    const { statusContext } = graph
    const body = renderComment({ statusContext, command: written.line, author, outcome: text })
    const posted = await statusComments.write(comment, body)
    if (!posted.ok) log.warn({ ...fields, failure: posted.failure.message }, 'The status comment could not be written')
    // After the comment says that the run is queued, which must not replace how it has ended.
    else if (workload !== null) await runComments.expect({ repo, number, workload, command: written.line, author })
    await react(options, comment, text.isDone ? 'rocket' : 'confused')
    log.info({ ...fields, result }, 'Answered a command in a comment')
    return answered(result)
  }
}

function answered(result: string): CommentAnswer {
  return { kind: 'answered', result }
}

function isWorthRepeating(failure: Failure): boolean {
  return isTransientFailure(failure) || failure.kind === 'rate-limited'
}

/** `workload`: the run that was queued; null: none. */
type CarriedOut =
  | { kind: 'done'; text: OutcomeText; result: string; workload: string | null }
  | { kind: 'failed'; failure: Failure }

async function carryOut(
  options: AnswerCommentsOptions,
  comment: WrittenComment,
  command: ParsedCommand,
): Promise<CarriedOut> {
  if (command.kind !== 'command') {
    const isHelp = command.kind === 'help'
    const headline = isHelp ? 'Help' : 'This is not a command.'
    return {
      kind: 'done',
      text: { isDone: isHelp, headline, details: helpText },
      result: 'answered with help',
      workload: null,
    }
  }
  const { repo, number, commentId, author } = comment
  const head = await options.host.readPullRequestHead(repo, number)
  if (!head.ok) {
    if (isWorthRepeating(head.failure)) return { kind: 'failed', failure: head.failure }
    return refused(failureProblem(head.failure))
  }
  const problem = branchProblem(options.graph, command.branch, head.value)
  if (problem !== null) return refused(problem)
  const branch = head.value.headRef
  // A comment may be delivered by several webhooks, each with an id of its own.
  const eventId = `comment:${repo.toLowerCase()}:${commentId}`
  const outcome = await executeCommand(options.commands, { name: command.name, branch, by: `@${author}`, eventId })
  const result = `${command.name} ${branch}: ${outcome.kind}`
  const workload = outcome.kind === 'queued' ? outcome.workload : null
  return { kind: 'done', text: describeOutcome(outcome), result, workload }
}

function refused(problem: Problem): CarriedOut {
  const text = describeOutcome({ kind: 'stopped', problems: [problem] })
  return { kind: 'done', text, result: `refused: ${problem.message}`, workload: null }
}

/** Why the pull request has no change to act on; null: its branch is one. */
function branchProblem(
  graph: Graph,
  named: string | null,
  { headRef, isFork }: { headRef: string; isFork: boolean },
): Problem | null {
  if (isFork) {
    const why = 'a pull request of a fork is never part of a change, however its branch is named'
    return usageProblem('this pull request comes from a fork', why, 'Push the branch to the repository itself.')
  }
  if (named !== null && named !== headRef) {
    const why = `the change of this pull request is ${headRef}`
    return usageProblem(
      `${named} is another branch`,
      why,
      'Leave the branch out, or comment on one of its pull requests.',
    )
  }
  const checked = checkBranch(graph, headRef)
  return checked.ok ? null : (checked.problems[0] ?? null)
}

/** A reaction that fails is logged: the answer is in the comment too. */
async function react(
  { host, log }: AnswerCommentsOptions,
  { repo, commentId }: WrittenComment,
  content: Reaction,
): Promise<void> {
  const reacted = await host.react({ repo, commentId, content })
  if (reacted.ok) return
  log.warn({ repository: repo, comment: commentId, failure: reacted.failure.message }, 'A reaction could not be given')
}
