import type { Logged } from './stub/stub.js'

/** Context of the statuses that unlock pull requests: the default of the schema. */
export const statusContext = 'orchestrator-build'

/** Returns the purpose of a request in terms of orch. */
export function kindOf({ route, body, status }: Logged): string {
  if (route.startsWith('POST /graphql')) return route.replace('POST /graphql', 'GraphQL')
  if (route.endsWith('/dispatches')) return 'dispatch'
  if (route.startsWith('POST /statuses')) return statusKind(body)
  const free = status === 304 ? ', unchanged (304)' : ''
  if (/^GET \/actions\/runs\/\*(\/attempts\/1)?$/u.test(route)) return `reading of a run${free}`
  if (route === 'GET /commits/*/statuses') return `listing of statuses${free}`
  return `${route === 'GET' ? 'GET repository' : route}${free}`
}

function statusKind(body: string): string {
  const { context, state } = JSON.parse(body) as { context?: string; state?: string }
  return context === statusContext ? `status ${state}` : 'status of a job'
}

/** Formats counts such as `12 × dispatch, 3 × GraphQL Change`, the most frequent first. */
export function tally(log: readonly Logged[]): string {
  const counts = new Map<string, number>()
  for (const kind of log.map(kindOf)) counts.set(kind, (counts.get(kind) ?? 0) + 1)
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([kind, count]) => `${count} × ${kind}`)
    .join(', ')
}

export function thatCount(log: readonly Logged[]): Logged[] {
  return log.filter(({ counts }) => counts)
}

/** Throws if the stub received a request that it does not support, because the figure is then invalid. */
export function assertAnswered({ unanswered }: { unanswered: ReadonlySet<string> }): void {
  if (unanswered.size > 0) throw new Error(`the stub has no answer to ${[...unanswered].slice(0, 10).join(', ')}`)
}
