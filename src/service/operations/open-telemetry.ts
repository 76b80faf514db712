// This is a separate module because these packages are CommonJS: when they are bundled, an `import()` of them has no named exports.
export { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
export { resourceFromAttributes } from '@opentelemetry/resources'
export { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node'
