import { describe, expect, test, vi } from 'vitest'
import { createTracing, noTracing } from '../../../src/service/operations/tracing.js'
import { openTraceCollector } from '../../support/trace-collector.js'

describe('the traces of the service', () => {
  test('go to the collector that the environment names, failures marked as errors', async () => {
    await using collector = await openTraceCollector()
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', collector.url)
    const tracing = await createTracing({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url })
    expect(await tracing.during('deliver', { delivery: 'd-1' }, () => Promise.resolve(7))).toBe(7)
    const failing = tracing.during('run', {}, () => Promise.reject(new Error('no')))
    await expect(failing).rejects.toThrow('no')
    await tracing.close()
    expect(collector.spans.map(({ name, code }) => `${name} ${code}`)).toEqual(['deliver 0', 'run 2'])
  })

  test('join what asks for work and what does it later, also in another process', async () => {
    await using collector = await openTraceCollector()
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', collector.url)
    const open = () => createTracing({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url })
    const [asking, executing] = await Promise.all([open(), open()])
    expect(asking.current()).toBeUndefined()
    const parent = await asking.during('delivery', { delivery: 'd-1' }, async () => {
      await Promise.resolve()
      return asking.current()
    })
    await executing.during(
      'orchestration',
      {},
      async (span) => {
        span.set({ orchestration: 'o-1' })
        await executing.during('inner', {}, () => Promise.resolve())
      },
      parent,
    )
    await executing.during('another', {}, () => Promise.resolve(), 'not a parent')
    await Promise.all([asking.close(), executing.close()])
    const named = new Map(collector.spans.map((span) => [span.name, span]))
    const [delivery, orchestration] = [named.get('delivery'), named.get('orchestration')]
    expect(delivery).toMatchObject({ parentSpanId: null, attributes: { delivery: 'd-1' } })
    const { traceId } = delivery ?? {}
    expect(orchestration).toMatchObject({
      traceId,
      parentSpanId: delivery?.spanId,
      attributes: { orchestration: 'o-1' },
    })
    expect(named.get('inner')).toMatchObject({ traceId, parentSpanId: orchestration?.spanId })
    expect(named.get('another')?.parentSpanId).toBeNull()
  })

  test('do not exist where no collector is named, or OpenTelemetry is switched off', async () => {
    expect(await createTracing({})).toBe(noTracing)
    const off = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1', OTEL_SDK_DISABLED: 'true' }
    expect(await createTracing(off)).toBe(noTracing)
    expect(await noTracing.during('x', {}, () => Promise.resolve(1))).toBe(1)
  })
})
