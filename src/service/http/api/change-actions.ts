import type { Context } from 'hono'
import type { Stopped } from '../../../app/problem.js'
import type { ReadStatusResult } from '../../../app/read-status.js'
import { repositoriesOf } from '../../../model/graph.js'
import type { Graph } from '../../../model/graph.js'
import { invalidationToJson } from '../../../report/json/invalidation-json.js'
import type { PagesData } from '../../pages/pages-data.js'
import { sendJson, sendProblem, wantsPage } from '../answers.js'
import type { HttpEnv } from '../http-env.js'
import { refuseAccess } from '../refuse-access.js'
import { requesterOf } from '../login/caller.js'
import type { Permissions } from '../login/permissions.js'
import { createSecret, hashSecret } from '../login/secrets.js'

export type ChangeAction = 'run' | 'cancel' | 'invalidate'

/** Does what a form or a program asks of a change, for somebody who can write to its members. */
export async function actOnChange(
  c: Context<HttpEnv>,
  { branch, action }: { branch: string; action: ChangeAction },
  { data, permissions }: { data: PagesData; permissions: Permissions },
): Promise<Response> {
  const { commands, graph } = data
  const { caller } = c.var
  if (caller.kind === 'person') {
    const concerned = repositoriesConcerned(graph, await commands.status(branch))
    const refused = refuseAccess(c, await permissions.mayWrite(caller, concerned), `${action} this change`)
    if (refused) return refused
  }
  const by = requesterOf(caller)
  switch (action) {
    case 'run': {
      const started = await commands.run(branch, by, eventIdOf(c, branch))
      if (started.kind === 'stopped') return sendStopped(c, started)
      return sendDone(c, { branch, action }, { workload: started.workload, kind: started.kind })
    }
    case 'cancel':
      return sendDone(c, { branch, action }, await commands.cancel(branch, by))
    case 'invalidate': {
      const { kind, invalidation } = await commands.invalidate(branch, by)
      if (kind === 'done') return sendDone(c, { branch, action }, invalidationToJson(invalidation))
      const failures = [
        ...invalidation.pullRequests.flatMap(({ result }) => (result.kind === 'failed' ? [result.failure] : [])),
        ...invalidation.unreadable.map(({ failure }) => failure),
        ...invalidation.earlierHeads.failures,
      ]
      return sendProblem(c, {
        status: 502,
        detail:
          'Not every pull request of this change could be locked. Mend the problems below, then invalidate it again.',
        problems: failures.map(({ message, repo = '', remedy = '' }) => ({ message, why: repo, remedy })),
      })
    }
  }
}

/** The same for every request of a caller about this change with the same Idempotency-Key; without one, it is new. */
function eventIdOf(c: Context<HttpEnv>, branch: string): string {
  const key = c.req.header('idempotency-key')
  const id = key === undefined ? createSecret() : hashSecret(JSON.stringify([requesterOf(c.var.caller), branch, key]))
  return `api-${id.slice(0, 22)}`
}

/** The members, and what could not be read and may be one; every repository if there is none. */
function repositoriesConcerned(graph: Graph, { status }: ReadStatusResult): readonly string[] {
  const concerned = status.repositories.filter(({ kind }) => kind === 'member' || kind === 'unreadable')
  return concerned.length > 0 ? concerned.map(({ repo }) => repo) : repositoriesOf(graph)
}

function sendDone(c: Context<HttpEnv>, done: { branch: string; action: ChangeAction }, answer: object): Response {
  if (wantsPage(c)) return c.redirect(`/changes/${encodeURIComponent(done.branch)}?done=${done.action}`, 303)
  return sendJson(c, answer, done.action === 'run' ? 202 : 200)
}

/** A command that stopped before it did anything. */
export function sendStopped(c: Context<HttpEnv>, { problems }: Stopped): Response {
  const [first] = problems
  const status = first?.kind === 'usage' ? 422 : first?.kind === 'auth' ? 502 : 409
  const listed = problems.map(({ message, why, remedy, text }) => ({ message: text ?? message, why, remedy }))
  return sendProblem(c, { status, detail: first?.message ?? 'The command stopped.', problems: listed })
}
