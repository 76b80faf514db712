import { isDelivered } from '../../model/event-delivery.js'
import type { EventDelivery, EventDispatch, EventRun } from '../../model/event-delivery.js'
import { jsonVersion } from '../../model/wire/common.js'
import type { EventDeliveryJson, EventDispatchJson, EventRunJson } from '../../model/wire/event-dispatch.js'
import { failureJson } from './common-json.js'

/** The document of `orch dispatch --json`. */
export function eventDispatchToJson({ eventType, isDryRun, deliveries }: EventDispatch): EventDispatchJson {
  return {
    version: jsonVersion,
    eventType,
    dryRun: isDryRun,
    succeeded: deliveries.every(isDelivered),
    repositories: deliveries.map(deliveryToJson),
  }
}

function deliveryToJson({ repo, request, receivers, runs }: EventDelivery): EventDeliveryJson {
  return {
    repository: repo,
    result: request.kind,
    failure: 'failure' in request ? failureJson(request.failure) : null,
    workflows: receivers?.map(({ workflow }) => workflow) ?? null,
    runs: runs.map(runToJson),
  }
}

function runToJson({ workflow, runId, url, outcome, conclusion, reason, failure }: EventRun): EventRunJson {
  return { workflow, runId, url, outcome, conclusion, reason, failure: failure ? failureJson(failure) : null }
}
