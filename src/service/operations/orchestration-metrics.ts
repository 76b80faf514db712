import type { Reporter } from '../../ports/reporter.js'
import type { Metrics } from './metrics.js'

/** Measures an orchestration when it ends. */
export function createMetricsReporter(metrics: Pick<Metrics, 'orchestrationEnded'>): Reporter {
  return {
    report: ({ at }, { ending, startedAt }) => {
      if (ending) metrics.orchestrationEnded(ending.outcome, at - startedAt)
    },
    close: () => Promise.resolve(),
  }
}
