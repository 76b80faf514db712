import type { Result } from '../../app/problem.js'
import type { Graph } from '../../model/graph.js'
import { repositoriesOf } from '../../model/graph.js'
import { createSecret } from '../../service/http/login/secrets.js'
import type { Clock } from '../../ports/clock.js'
import type { LoadedGraph } from './graph-file.js'
import { startSandbox } from './sandbox-connection.js'
import type { RunningSandbox } from './sandbox-connection.js'
import { createSandboxWebhooks } from './sandbox-webhooks.js'

/** The embedded GitHub of `orch serve --sandbox`. */
export interface SandboxTrial {
  sandbox: RunningSandbox
  /** Of the webhooks, made for this start. */
  webhookSecret: string
  /** The graph, whose changes are run without being asked for. */
  graph: Graph
  /** A change is run when nothing was pushed to it for this long. */
  quietMs: number
  /** Sends webhooks to the service from now on. */
  connect(serviceUrl: string): Promise<void>
  close(): Promise<void>
}

/** In a trial nobody wants to wait. */
const trialQuietMs = 5_000

/** Starts the embedded GitHub of the graph file. */
export async function startTrial(
  access: { clock: Clock; fetch?: typeof fetch },
  loaded: LoadedGraph,
): Promise<Result<SandboxTrial>> {
  const started = await startSandbox(access, loaded)
  if (!started.ok) return started
  const { sandbox, url } = started.value
  const running = { url, token: sandbox.token }
  const webhookSecret = createSecret()
  const { graph } = loaded
  const autoRun = graph.autoRun ?? { quietMs: trialQuietMs }
  return {
    ok: true,
    value: {
      sandbox: running,
      webhookSecret,
      graph: { ...graph, autoRun },
      quietMs: autoRun.quietMs,
      connect: (serviceUrl) =>
        createSandboxWebhooks({
          sandbox: running,
          repositories: repositoriesOf(graph),
          serviceUrl,
          secret: webhookSecret,
          fetch: access.fetch ?? globalThis.fetch,
        }),
      close: () => sandbox.close(),
    },
  }
}
