import type { Experiment } from '../experiment.js'
import { completionToDispatch } from './completion.js'
import { databaseKinds } from './database.js'
import { eventToWorkload } from './event-to-workload.js'
import { eventsAccepted, eventsListed, eventsRepeated, eventToStep } from './flow-events.js'
import { takeOver } from './take-over.js'
import { waiting } from './waiting.js'
import { webhooksAccepted, webhooksPaced } from './webhooks.js'

/** The built `orch serve` against an embedded GitHub, with each database. */
export const serviceExperiments: readonly Experiment[] = [
  ...databaseKinds.map(eventToWorkload),
  ...databaseKinds.map(completionToDispatch),
  ...databaseKinds.map(webhooksAccepted),
  ...databaseKinds.map(webhooksPaced),
  ...databaseKinds.map(eventToStep),
  ...databaseKinds.map(eventsAccepted),
  ...databaseKinds.map(eventsRepeated),
  ...databaseKinds.map(eventsListed),
  ...databaseKinds.map((kind) => waiting(200, kind)),
  ...databaseKinds.map((kind) => waiting(2000, kind)),
  takeOver,
]
