import type { Graph } from '../../model/graph.js'
import type { Clock } from '../../ports/clock.js'
import type { Store } from '../../ports/store.js'
import type { ChangeCommands } from '../commands/change-commands.js'
import type { Deliveries } from '../deliveries/delivery.js'
import type { FlowService } from '../flows/flow-service.js'
import type { Workloads } from '../workloads/workload.js'

/** What the pages and the JSON API show, and what their actions change. */
export interface PagesData {
  graph: Graph
  store: Store
  workloads: Workloads
  deliveries: Deliveries
  commands: ChangeCommands
  flows: FlowService
  clock: Clock
}
