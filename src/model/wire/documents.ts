import type { CancellationJson } from './cancellation.js'
import type { ChangeStatusJson } from './change-status.js'
import type { DoctorJson } from './doctor.js'
import type { EventDispatchJson } from './event-dispatch.js'
import type { HistoryJson } from './history.js'
import type { InvalidationJson } from './invalidation.js'
import type { OrchestrationJson } from './orchestration.js'
import type { PassJson } from './pass.js'
import type { PlanJson } from './plan.js'
import type { RunEventJson } from './run-events.js'
import type {
  DispatchedEventJson,
  FlowEventJson,
  FlowEventDetailJson,
  FlowEventListJson,
  FlowEventPageJson,
  FlowDetailJson,
  FlowJson,
  FlowListJson,
  FlowOutputJson,
  FlowRunJson,
  FlowRunListJson,
  FlowRunPageJson,
  HandoffJson,
  NewEventJson,
} from './flows.js'
import type { ProblemJson } from './problem.js'
import type { SetupJson } from './setup.js'
import type { WorkersJson } from './workloads.js'

/** What each command prints with `--json`, by the name of its schema in `config/schemas`. `run-events` is one line, the others are documents. */
export interface WireFormats {
  cancel: CancellationJson
  dispatch: EventDispatchJson
  dispatched: DispatchedEventJson
  doctor: DoctorJson
  event: FlowEventDetailJson
  events: FlowEventListJson
  flow: FlowDetailJson
  'flow-run': FlowRunJson
  'flow-runs': FlowRunListJson
  flows: FlowListJson
  invalidate: InvalidationJson
  list: HistoryJson
  log: FlowOutputJson
  pass: PassJson
  plan: PlanJson
  'run-events': RunEventJson
  setup: SetupJson
  show: OrchestrationJson
  status: ChangeStatusJson
  workers: WorkersJson
}

/** A whole document that a command prints with `--json`. */
export type DocumentJson = WireFormats[Exclude<keyof WireFormats, 'run-events'>]

/** What the service and the client receive, by the name of its schema in `config/schemas`, which validates it. */
export interface WireRequests {
  handoff: HandoffJson
  'new-event': NewEventJson
}

/** What the HTTP API of events, runs and flows answers. `config/openapi.json` describes it. */
export interface WireAnswers {
  dispatched: DispatchedEventJson
  event: FlowEventJson
  events: FlowEventPageJson
  flow: FlowJson
  flows: FlowListJson
  problem: ProblemJson
  run: FlowRunJson
  runs: FlowRunPageJson
}
