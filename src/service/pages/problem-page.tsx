import type { CommandProblemJson } from '../../model/wire/problem.js'
import { sanitize } from '../../lib/sanitize.js'
import { Layout } from './layout.js'
import type { Visitor } from './layout.js'

export interface ProblemPageProps {
  title: string
  status: number
  /** What happened, and what to do about it. */
  detail: string
  problems: readonly CommandProblemJson[]
  requestId: string
  visitor: Visitor | null
}

/** An error, for a browser. */
export function ProblemPage({ title, status, detail, problems, requestId, visitor }: ProblemPageProps) {
  return (
    <Layout title={title} visitor={visitor} section={null} isLive={false}>
      <div class="narrow">
        <p class="eyebrow">{status}</p>
        <h1>{title}</h1>
        {problems.some(({ message }) => message === detail) ? null : <p class="wrap">{sanitize(detail)}</p>}
        {problems.length === 0 ? null : (
          <ul class="problems">
            {problems.map(({ message, why, remedy }) => (
              <li class="wrap">
                <strong>{sanitize(message)}</strong>
                {why === '' ? null : <span>{`: ${sanitize(why)}`}</span>}
                {remedy === '' ? null : <p>{sanitize(remedy)}</p>}
              </li>
            ))}
          </ul>
        )}
        <p>
          <a href="/changes">Go to the changes</a>
        </p>
        <p class="dim">
          Request <code>{requestId}</code>
        </p>
      </div>
    </Layout>
  )
}
