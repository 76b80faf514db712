import { describe, expect, test, vi } from 'vitest'
import { createTracing, noTracing } from '../../../src/service/operations/tracing.js'
import { openCollector } from '../../support/span-collector.js'

describe('the traces of the service', () => {
  test('go to the collector that the environment names, failures marked as errors', async () => {
    const collector = await openCollector()
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', collector.url)
    const tracing = await createTracing({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url })
    expect(await tracing.during('deliver', { delivery: 'd-1' }, () => Promise.resolve(7))).toBe(7)
    const failing = tracing.during('run', {}, () => Promise.reject(new Error('no')))
    await expect(failing).rejects.toThrow('no')
    await tracing.close()
    await collector.close()
    // OpenTelemetry's codes: 0 is unset, 2 is an error.
    expect(collector.spans).toEqual(['deliver 0', 'run 2'])
  })

  test('do not exist where no collector is named, or OpenTelemetry is switched off', async () => {
    expect(await createTracing({})).toBe(noTracing)
    const off = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1', OTEL_SDK_DISABLED: 'true' }
    expect(await createTracing(off)).toBe(noTracing)
    expect(await noTracing.during('x', {}, () => Promise.resolve(1))).toBe(1)
  })
})
