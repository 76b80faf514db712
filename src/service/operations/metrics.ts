import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client'

/** How many workloads and workers there are now, by their status and state. */
export interface QueueCounts {
  workloads: Readonly<Record<string, number>>
  workers: Readonly<Record<string, number>>
}

/** What the service counts and measures. */
export interface Metrics {
  webhookReceived(event: string, answer: number): void
  /** @param lagMs from the receipt of a delivery to the end of its handling */
  webhookHandled(event: string, lagMs: number): void
  orchestrationEnded(outcome: string, durationMs: number): void
  /** @param status null: there was no answer */
  githubAnswered(answer: { method: string; status: number | null; remaining: number | null }): void
  /** The text of `GET /metrics`, and its content type. Reads the queue. */
  render(): Promise<{ text: string; contentType: string }>
}

/** Ends of the ranges of durations of orchestrations, s. */
const orchestrationSeconds = [10, 30, 60, 120, 300, 600, 1_800, 3_600, 7_200, 21_600]
/** Ends of the ranges of the webhook lag, s. */
const lagSeconds = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 15, 60, 600]
/** Events that a label names; others count as `other`, because a sender chooses them. */
const knownEvents = new Set([
  'check_run',
  'installation',
  'installation_repositories',
  'issue_comment',
  'merge_group',
  'ping',
  'pull_request',
  'push',
  'repository_dispatch',
  'status',
  'workflow_run',
])

/** Prometheus metrics in a registry of their own. `countQueue` is called for each rendering. */
export function createMetrics(countQueue: () => Promise<QueueCounts>): Metrics {
  const registers = [new Registry()]
  const [registry] = registers
  if (!registry) throw new Error('there is a registry')
  collectDefaultMetrics({ register: registry })
  const received = new Counter({
    name: 'orch_webhooks_received_total',
    help: 'Webhook deliveries by event and the status code of the answer.',
    labelNames: ['event', 'code'],
    registers,
  })
  const lag = new Histogram({
    name: 'orch_webhook_lag_seconds',
    help: 'Time from the receipt of a webhook delivery to the end of its handling.',
    labelNames: ['event'],
    buckets: lagSeconds,
    registers,
  })
  const durations = new Histogram({
    name: 'orch_orchestration_duration_seconds',
    help: 'Duration of orchestrations by their outcome.',
    labelNames: ['outcome'],
    buckets: orchestrationSeconds,
    registers,
  })
  const requests = new Counter({
    name: 'orch_github_requests_total',
    help: 'Requests to GitHub by method and status code; `none`: there was no answer.',
    labelNames: ['method', 'code'],
    registers,
  })
  const remaining = new Gauge({
    name: 'orch_github_rate_limit_remaining',
    help: 'What the latest answer of GitHub left of the primary rate limit.',
    registers,
  })
  const workloads = new Gauge({
    name: 'orch_workloads',
    help: 'Workloads in the queue by status.',
    labelNames: ['status'],
    registers,
  })
  const workers = new Gauge({ name: 'orch_workers', help: 'Workers by state.', labelNames: ['state'], registers })
  const eventLabel = (event: string): string => (knownEvents.has(event) ? event : 'other')
  return {
    webhookReceived: (event, answer) => received.inc({ event: eventLabel(event), code: String(answer) }),
    webhookHandled: (event, lagMs) => lag.observe({ event: eventLabel(event) }, lagMs / 1_000),
    orchestrationEnded: (outcome, durationMs) => durations.observe({ outcome }, durationMs / 1_000),
    githubAnswered: ({ method, status, remaining: left }) => {
      requests.inc({ method, code: status === null ? 'none' : String(status) })
      if (left !== null) remaining.set(left)
    },
    render: async () => {
      const counts = await countQueue()
      setAll(workloads, 'status', counts.workloads)
      setAll(workers, 'state', counts.workers)
      return { text: await registry.metrics(), contentType: registry.contentType }
    },
  }
}

function setAll<Label extends string>(
  gauge: Gauge<Label>,
  label: Label,
  counts: Readonly<Record<string, number>>,
): void {
  gauge.reset()
  for (const [name, count] of Object.entries(counts)) {
    const labels: Partial<Record<Label, string>> = {}
    labels[label] = name
    gauge.set(labels, count)
  }
}
