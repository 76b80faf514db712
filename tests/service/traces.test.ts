import { expect, test } from 'vitest'
import { WorkFolder } from '../cli/support/work-folder.js'
import { openCollector } from '../support/span-collector.js'
import { deliver, eventually, startServe } from './support/serve-command.js'

test('the built service sends the span of a delivery to the collector that its environment names', async () => {
  await using folder = await WorkFolder.open()
  const collector = await openCollector()
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_BSP_SCHEDULE_DELAY: '100' }
  {
    await using service = await startServe(folder.path, { flags: ['--sandbox'], env })
    const body = JSON.stringify({ action: 'created', installation: { account: { login: 'somebody' } } })
    await deliver(service.url, { id: 'a-delivery', event: 'installation', body })
    await eventually('a span', () => Promise.resolve(collector.spans.length > 0 ? collector.spans : null))
  }
  await collector.close()
  expect(collector.spans).toContain('delivery 0')
})
