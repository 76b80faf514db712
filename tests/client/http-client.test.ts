import { createFlowClient } from '../../src/client/index.js'
import type { HttpClientOptions } from '../../src/client/index.js'
import { listen } from '../../src/service/http/listen.js'
import { apiToken, hmacSecret, PagesWorld } from '../service/pages-world.js'
import { systemClock } from '../../src/lib/system-clock.js'
import { createLocalFlowService } from '../service/support/local-flow-service.js'
import { weeklyPart } from '../support/exhaustive.js'
import { describeFlowClient } from '../support/flow-client-contract.js'
import type { OpenClient } from '../support/flow-client-contract.js'

/** A client of the service, whose flows are executed in this process. */
function overHttp(login: Pick<HttpClientOptions, 'token' | 'hmacSecret'>): OpenClient {
  return async ({ directory }) => {
    const world = new PagesWorld()
    const app = world.app({ data: world.data({ clock: systemClock, flows: createLocalFlowService(directory) }) })
    const listening = await listen(app, { host: '127.0.0.1', port: 0 })
    if (listening.kind === 'refused') throw new Error(`nothing can listen here: ${listening.code}`)
    const { server } = listening
    return {
      client: createFlowClient({ mode: 'http', baseUrl: server.url, ...login }),
      close: () => {
        app.close()
        return server.close(0)
      },
    }
  }
}

const logins: [string, Parameters<typeof overHttp>[0]][] = [
  ['HTTP with a token', { token: apiToken }],
  ['HTTP with signed requests', { hmacSecret }],
]

// One of them each week: what they add is tested in tests/client/http-answers.test.ts and tests/service/serve-sandbox.test.ts.
for (const [mode, login] of weeklyPart(logins, 2)) describeFlowClient(mode, overHttp(login))
