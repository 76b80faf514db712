import { join } from 'node:path'
import { resolveAuthentication } from '../../github/api/authentication.js'
import { createProxyFetch } from '../../github/http/proxy.js'
import { settingProblem } from '../../app/problem.js'
import { appFileName } from '../../service/github-app/app-file.js'
import { setUpApp } from '../../service/github-app/setup.js'
import { exitCodes } from '../output/exit-codes.js'
import type { ExitCode } from '../output/exit-codes.js'
import type { Messages } from '../output/messages.js'
import type { SignalSource } from '../process/signals.js'
import type { GitHubAccess } from './find-github.js'
import { untilAsked } from '../process/until-asked.js'
import type { LoadedGraph } from './graph-file.js'

/** `orch serve --setup`: leads through the creation of the GitHub App. `url`: where GitHub reaches the service; null: the page asks. */
export async function setUp(
  access: GitHubAccess & SignalSource & { exit: (code: number) => void },
  messages: Messages,
  { graph, serviceDirectory }: LoadedGraph,
  url: string | null,
): Promise<ExitCode> {
  // No token is needed: the code of the flow is the right to read the App once.
  const authentication = await resolveAuthentication(access.env, () => Promise.resolve(null))
  if (!authentication.ok) return messages.reportProblems([settingProblem(authentication.failure, 'nothing was sent')])
  const proxy = access.fetch ? { ok: true as const, value: null } : await createProxyFetch(access.env)
  if (!proxy.ok) return messages.reportProblems([settingProblem(proxy.failure, 'nothing was sent')])
  const fetch = access.fetch ?? proxy.value?.fetch
  const asked = untilAsked(access)
  try {
    const { apiUrl, serverUrl } = authentication.value.host
    const result = await setUpApp({
      apiUrl,
      serverUrl,
      serviceUrl: url,
      clock: access.clock,
      random: access.random,
      ...(fetch ? { fetch } : {}),
      graph,
      appFile: join(serviceDirectory, appFileName),
      print: (line) => messages.stdout.write(`${line}\n`),
      signal: asked.signal,
    })
    return result.ok ? exitCodes.success : messages.reportProblems(result.problems)
  } finally {
    asked.stop()
    await proxy.value?.close()
  }
}
