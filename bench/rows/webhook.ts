import type { Experiment } from '../experiment.js'
import { notMeasured } from '../measured.js'

/** Not measurable yet: `orch serve`, which receives webhooks, does not exist. */
export const webhook: Experiment = {
  rows: ['webhook'],
  measure: () => Promise.resolve([notMeasured('webhook', 'there is no service yet that a webhook could reach')]),
}
