import { expect, test } from 'vitest'
import { createFlowClient } from '../../src/client/index.js'
import { systemClock } from '../../src/lib/system-clock.js'
import { listen } from '../../src/service/http/listen.js'
import { hmacSecret, PagesWorld } from '../service/pages-world.js'
import { createLocalFlowService } from '../service/support/local-flow-service.js'
import { nodeStep, release } from '../support/flow-client-contract.js'
import { openFlowFolder } from '../support/flow-folder.js'

test('clients of several processes that sign the same replay in the same second are all accepted, each once', async () => {
  const steps = nodeStep('console.log(1)')
  await using folder = await openFlowFolder({
    release: `name: release\non: { event: { types: [upstream.release] } }\nsteps:\n${steps}`,
  })
  const world = new PagesWorld()
  const flows = createLocalFlowService(folder.directory)
  const app = world.app({ data: world.data({ clock: systemClock, flows }) })
  const listening = await listen(app, { host: '127.0.0.1', port: 0 })
  if (listening.kind === 'refused') throw new Error(`nothing can listen here: ${listening.code}`)
  const { server } = listening
  try {
    // What a client remembers of its signatures is its own, as in another process.
    const clients = Array.from({ length: 8 }, () => createFlowClient({ mode: 'http', baseUrl: server.url, hmacSecret }))
    await clients[0]?.dispatchEvent(release('e'))
    await Promise.all(clients.map((client) => client.replayEvent('e')))
    const [run] = (await clients[0]?.listRuns({ eventId: 'e' })) ?? []
    expect(run?.attempts.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
    for await (const { endedAt } of clients[0]?.watchRun(run?.id ?? '') ?? []) if (endedAt !== null) break
  } finally {
    app.close()
    await server.close(0)
  }
}, 60_000)
