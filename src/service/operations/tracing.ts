import { AsyncLocalStorage } from 'node:async_hooks'
import { isSpanContextValid, ROOT_CONTEXT, SpanStatusCode, trace } from '@opentelemetry/api'
import type { Attributes, Context, Tracer } from '@opentelemetry/api'
import { failureText } from '../../lib/failure-text.js'

/** A span that is open. */
export interface OpenSpan {
  set(attributes: Attributes): void
}

/** Spans of OpenTelemetry around the work of the service. */
export interface Tracing {
  /**
   * Runs the work in a span, which ends with it. Its parent is `parent`, which another process may have recorded, or else the span around the
   * call.
   */
  during<T>(name: string, attributes: Attributes, work: (span: OpenSpan) => Promise<T>, parent?: string): Promise<T>
  /** The span around the call, as W3C names it (`traceparent`); undefined: there is none. */
  current(): string | undefined
  /** Sends what is left. Rejects when the collector cannot be reached. */
  close(): Promise<void>
}

/** Used where no collector is named. */
export const noTracing: Tracing = {
  during: (_name, _attributes, work) => work({ set: () => undefined }),
  current: () => undefined,
  close: () => Promise.resolve(),
}

/**
 * Sends spans by OTLP over HTTP to the collector that OTEL_EXPORTER_OTLP_TRACES_ENDPOINT or OTEL_EXPORTER_OTLP_ENDPOINT names; without either,
 * or with OTEL_SDK_DISABLED=true, there are none. The packages read the other OTEL_ variables themselves (headers, sampler, batch sizes).
 */
export async function createTracing(env: Readonly<Record<string, string | undefined>>): Promise<Tracing> {
  const endpoint = env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] ?? env['OTEL_EXPORTER_OTLP_ENDPOINT'] ?? ''
  if (endpoint === '' || env['OTEL_SDK_DISABLED'] === 'true') return noTracing
  const packages = await import('./opentelemetry.js')
  const { NodeTracerProvider, BatchSpanProcessor, OTLPTraceExporter, resourceFromAttributes } = packages
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': env['OTEL_SERVICE_NAME'] ?? 'orch' }),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
  })
  return { ...createSpans(provider.getTracer('orch')), close: () => provider.shutdown() }
}

/** Nothing is registered globally, so that libraries that use OpenTelemetry too do not add spans of their own. */
function createSpans(tracer: Tracer): Pick<Tracing, 'during' | 'current'> {
  const around = new AsyncLocalStorage<Context>()
  return {
    during: (name, attributes, work, parent) => {
      const outer = toContext(parent) ?? around.getStore() ?? ROOT_CONTEXT
      const span = tracer.startSpan(name, { attributes }, outer)
      return around.run(trace.setSpan(outer, span), async () => {
        try {
          return await work({ set: (more) => void span.setAttributes(more) })
        } catch (error) {
          span.setStatus({ code: SpanStatusCode.ERROR, message: failureText(error) })
          throw error
        } finally {
          span.end()
        }
      })
    },
    current: () => {
      const span = trace.getSpanContext(around.getStore() ?? ROOT_CONTEXT)
      return span && `00-${span.traceId}-${span.spanId}-0${span.traceFlags & 1}`
    },
  }
}

function toContext(parent: string | undefined): Context | null {
  const [, traceId = '', spanId = '', traceFlags = '0'] = parent?.split('-') ?? []
  const span = { traceId, spanId, traceFlags: Number.parseInt(traceFlags, 16), isRemote: true }
  return isSpanContextValid(span) ? trace.setSpanContext(ROOT_CONTEXT, span) : null
}
