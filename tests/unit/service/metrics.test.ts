import { describe, expect, test } from 'vitest'
import { createMetrics } from '../../../src/service/operations/metrics.js'

const noQueue = { workloads: {}, workers: {} }

describe('the metrics of the service', () => {
  test('show the queue as it is at each rendering', async () => {
    let pending = 3
    const metrics = createMetrics(() => Promise.resolve({ workloads: { pending }, workers: { standby: 2 } }))
    expect((await metrics.render()).text).toContain('orch_workloads{status="pending"} 3')
    pending = 1
    const { text, contentType } = await metrics.render()
    expect(text).toContain('orch_workloads{status="pending"} 1')
    expect(text).toContain('orch_workers{state="standby"} 2')
    expect(contentType).toContain('text/plain')
  })

  test('count deliveries by event and answer, and a made-up event as other', async () => {
    const metrics = createMetrics(() => Promise.resolve(noQueue))
    metrics.webhookReceived('push', 202)
    metrics.webhookReceived('push', 202)
    metrics.webhookReceived('x"} 1\nfake', 401)
    const { text } = await metrics.render()
    expect(text).toContain('orch_webhooks_received_total{event="push",code="202"} 2')
    expect(text).toContain('orch_webhooks_received_total{event="other",code="401"} 1')
    expect(text).not.toContain('fake')
  })

  test('measure orchestrations, the webhook lag and the requests to GitHub', async () => {
    const metrics = createMetrics(() => Promise.resolve(noQueue))
    metrics.orchestrationEnded('succeeded', 42_000)
    metrics.webhookHandled('push', 80)
    metrics.githubAnswered({ method: 'GET', status: 200, remaining: 4_990 })
    metrics.githubAnswered({ method: 'GET', status: null, remaining: null })
    const { text } = await metrics.render()
    expect(text).toContain('orch_orchestration_duration_seconds_bucket{le="60",outcome="succeeded"} 1')
    expect(text).toContain('orch_webhook_lag_seconds_bucket{le="0.1",event="push"} 1')
    expect(text).toContain('orch_github_requests_total{method="GET",code="none"} 1')
    expect(text).toContain('orch_github_rate_limit_remaining 4990')
  })
})
