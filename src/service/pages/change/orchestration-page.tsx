import type { RecordedOrchestration } from '../../../model/build/history.js'
import { Layout } from '../layout.js'
import type { Visitor } from '../layout.js'
import { Head } from '../parts/head.js'
import { changePath, Text } from '../parts/text.js'
import { OrchestrationView } from './orchestration-view.js'

export interface OrchestrationPageProps {
  entry: RecordedOrchestration
  /** ms, UTC. */
  now: number
  visitor: Visitor
}

/** One orchestration of a change. */
export function OrchestrationPage({ entry, now, visitor }: OrchestrationPageProps) {
  const { branch } = entry.orchestration.plan
  const path = changePath(branch)
  return (
    <Layout title={`Orchestration of ${branch}`} visitor={visitor} section="changes" isLive={true}>
      <p class="crumb">
        <a href={path}>
          <Text>{branch}</Text>
        </a>
      </p>
      <Head title="Orchestration" now={now} path={`${path}/orchestrations/${encodeURIComponent(entry.id)}`} />
      <h2 class="hidden">Details</h2>
      <OrchestrationView entry={entry} now={now} />
    </Layout>
  )
}
