import type { Experiment } from '../experiment.js'
import { notMeasured } from '../measured.js'

/** `orch serve`, which webhooks reach, is not built yet. */
export const webhook: Experiment = {
  rows: ['webhook'],
  measure: () => Promise.resolve([notMeasured('webhook', 'there is no service yet that a webhook could reach')]),
}
