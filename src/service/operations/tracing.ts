import { SpanStatusCode } from '@opentelemetry/api'
import type { Attributes, Tracer } from '@opentelemetry/api'
import { failureText } from '../../lib/failure-text.js'

/** Spans of OpenTelemetry around the work of the service. */
export interface Tracing {
  /** Runs the work in a span, which ends with it. */
  during<T>(name: string, attributes: Attributes, work: () => Promise<T>): Promise<T>
  /** Sends what is left. Rejects when the collector cannot be reached. */
  close(): Promise<void>
}

/** Used where no collector is named. */
export const noTracing: Tracing = {
  during: (_name, _attributes, work) => work(),
  close: () => Promise.resolve(),
}

/**
 * Sends spans by OTLP over HTTP to the collector that OTEL_EXPORTER_OTLP_TRACES_ENDPOINT or OTEL_EXPORTER_OTLP_ENDPOINT names; without either,
 * or with OTEL_SDK_DISABLED=true, there are none. The packages read the other OTEL_ variables themselves (headers, sampler, batch sizes).
 */
export async function createTracing(env: Readonly<Record<string, string | undefined>>): Promise<Tracing> {
  const endpoint = env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] ?? env['OTEL_EXPORTER_OTLP_ENDPOINT'] ?? ''
  if (endpoint === '' || env['OTEL_SDK_DISABLED'] === 'true') return noTracing
  const { BatchSpanProcessor, NodeTracerProvider, OTLPTraceExporter, resourceFromAttributes } =
    await import('./open-telemetry.js')
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': env['OTEL_SERVICE_NAME'] ?? 'orch' }),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
  })
  return { during: createDuring(provider.getTracer('orch')), close: () => provider.shutdown() }
}

function createDuring(tracer: Tracer): Tracing['during'] {
  return (name, attributes, work) =>
    tracer.startActiveSpan(name, { attributes }, async (span) => {
      try {
        return await work()
      } catch (error) {
        span.setStatus({ code: SpanStatusCode.ERROR, message: failureText(error) })
        throw error
      } finally {
        span.end()
      }
    })
}
