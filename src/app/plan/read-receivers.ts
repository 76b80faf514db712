import { findReceivers, repositoriesWithEvents, withReceivers } from '../../engine/build/plan/job-receivers.js'
import type { JobReceivers } from '../../engine/build/plan/job-receivers.js'
import { readEventTrigger } from '../../config/workflow-file.js'
import type { Graph } from '../../model/graph.js'
import { repoKey } from '../../model/repo-name.js'
import type { Events } from '../../ports/host/events.js'

/** Finds the workflows that the events of jobs start. */
export async function readReceivers(
  host: Pick<Events, 'readEnabledWorkflows'>,
  graph: Graph,
): Promise<{ graph: Graph; receivers: JobReceivers }> {
  const read = await Promise.all(
    repositoriesWithEvents(graph).map(async (repo) => [repoKey(repo), await host.readEnabledWorkflows(repo)] as const),
  )
  const receivers = findReceivers(graph, new Map(read), readEventTrigger)
  return { graph: withReceivers(graph, receivers), receivers }
}
