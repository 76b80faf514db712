/** The packages that send spans, in one module: loaded only where a collector is named, and by static names, because they are CommonJS. */
export { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
export { resourceFromAttributes } from '@opentelemetry/resources'
export { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node'
