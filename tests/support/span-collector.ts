import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A collector on this machine; `spans` are the names of what it received. */
export async function openCollector(): Promise<{ url: string; spans: string[]; close: () => Promise<void> }> {
  const spans: string[] = []
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const { resourceSpans } = JSON.parse(Buffer.concat(parts).toString()) as OtlpBody
      for (const { scopeSpans } of resourceSpans)
        for (const scope of scopeSpans) spans.push(...scope.spans.map(({ name, status }) => `${name} ${status.code}`))
      response.setHeader('content-type', 'application/json').end('{}')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const close = (): Promise<void> => new Promise((resolve) => server.close(() => resolve()))
  return { url: `http://127.0.0.1:${port}`, spans, close }
}

interface OtlpBody {
  resourceSpans: { scopeSpans: { spans: { name: string; status: { code: number } }[] }[] }[]
}
