import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A span that the collector received, with its attributes as text. */
export interface CollectedSpan {
  name: string
  traceId: string
  spanId: string
  parentSpanId: string | null
  /** OpenTelemetry's codes: 0 is unset, 2 is an error. */
  code: number
  attributes: Readonly<Record<string, string>>
}

interface OtlpSpan extends Pick<CollectedSpan, 'name' | 'traceId' | 'spanId'> {
  parentSpanId?: string
  status: { code: number }
  attributes: { key: string; value: { stringValue?: string } }[]
}

interface OtlpBody {
  resourceSpans: { scopeSpans: { spans: OtlpSpan[] }[] }[]
}

/** Receives spans by OTLP over HTTP on 127.0.0.1. */
export interface TraceCollector extends AsyncDisposable {
  url: string
  spans: CollectedSpan[]
}

export async function openTraceCollector(): Promise<TraceCollector> {
  const spans: CollectedSpan[] = []
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const { resourceSpans } = JSON.parse(Buffer.concat(parts).toString()) as OtlpBody
      const scopes = resourceSpans.flatMap(({ scopeSpans }) => scopeSpans)
      spans.push(...scopes.flatMap((scope) => scope.spans.map(toSpan)))
      response.setHeader('content-type', 'application/json').end('{}')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    spans,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function toSpan({ name, traceId, spanId, parentSpanId, status, attributes }: OtlpSpan): CollectedSpan {
  const named = attributes.map(({ key, value }): [string, string] => [key, value.stringValue ?? ''])
  const parent = parentSpanId === undefined || parentSpanId === '' ? null : parentSpanId
  return {
    name,
    traceId,
    spanId,
    parentSpanId: parent,
    code: status.code,
    attributes: Object.fromEntries<string>(named),
  }
}
