import { usageProblem } from '../../app/problem.js'
import { createGitHubOAuth } from '../../service/http/login/github-oauth.js'
import { createLoginLink } from '../../service/http/login/login-link.js'
import type { LoginLink } from '../../service/http/login/login-link.js'
import { readServiceSettings } from '../../service/settings.js'
import type { ServiceSettings } from '../../service/settings.js'
import { startService } from '../../service/start-service.js'
import type { AppFile } from '../../service/github-app/app-file.js'
import { passwordOf } from '../connect/database-password.js'
import { loadGraph } from '../connect/graph-file.js'
import type { LoadedGraph } from '../connect/graph-file.js'
import { startTrial } from '../connect/sandbox-trial.js'
import type { SandboxTrial } from '../connect/sandbox-trial.js'
import { readStoredApp } from '../connect/service-connection.js'
import { openServiceProcess } from '../connect/service-process.js'
import type { ServiceProcess } from '../connect/service-process.js'
import { sandboxInstructions } from '../output/sandbox-instructions.js'
import { exitCodes } from '../output/exit-codes.js'
import type { ExitCode } from '../output/exit-codes.js'
import type { Messages } from '../output/messages.js'
import type { Context } from '../process/context.js'
import { untilAsked } from '../process/until-asked.js'
import type { ServeCommandFlags } from './service-commands.js'

/** Serves until a signal, or until another process has taken the work over. */
export async function serve(context: Context, messages: Messages, flags: ServeCommandFlags): Promise<ExitCode> {
  const loaded = await loadGraph(context, flags)
  if (!loaded.ok) return messages.reportProblems(loaded.problems)
  if (loaded.value.warnings !== '') messages.stderr.write(loaded.value.warnings)
  if (flags.setup === true) {
    const { setUp } = await import('../connect/set-up-app.js')
    return setUp(context, messages, loaded.value, flags.url ?? null)
  }
  if (flags.url !== undefined) return messages.reportProblems([urlWithoutSetup])
  const stored = await readStoredApp(loaded.value.serviceDirectory)
  if (!stored.ok) return messages.reportProblems(stored.problems)
  // The App belongs to another GitHub than the embedded one.
  const app = flags.sandbox === true ? null : stored.value
  const settings = readServiceSettings(context.env, flags, { webhookSecret: app?.webhookSecret ?? null })
  if (!settings.ok) return messages.reportProblems(settings.problems)
  const serving = { context, messages, flags, loaded: loaded.value, app }
  if (flags.sandbox !== true) return serveUntilStopped({ ...serving, settings: settings.value, trial: null })
  const trial = await startTrial(context, loaded.value)
  if (!trial.ok) return messages.reportProblems(trial.problems)
  try {
    const webhookSecrets = [...settings.value.webhookSecrets, trial.value.webhookSecret]
    return await serveUntilStopped({ ...serving, settings: { ...settings.value, webhookSecrets }, trial: trial.value })
  } finally {
    await trial.value.close()
  }
}

const urlWithoutSetup = usageProblem(
  '--url needs --setup',
  'it is the address that the new GitHub App sends webhooks to',
  'Write orch serve --setup --url https://orch.example.com, or set ORCH_PUBLIC_URL for the pages.',
)

interface Serving {
  context: Context
  messages: Messages
  flags: ServeCommandFlags
  loaded: LoadedGraph
  settings: ServiceSettings
  /** The App of `orch serve --setup`; null: there is none. */
  app: AppFile | null
  /** The embedded GitHub; null: GitHub itself. */
  trial: SandboxTrial | null
}

async function serveUntilStopped(serving: Serving): Promise<ExitCode> {
  const { context, messages, flags, loaded, settings, app, trial } = serving
  const asked = untilAsked(context)
  try {
    const opened = await openServiceProcess({
      ...settings,
      context,
      messages,
      loaded,
      graph: trial?.graph ?? loaded.graph,
      verbose: flags.verbose === true,
      secrets: secretsOf(settings, app),
      sandbox: trial?.sandbox ?? null,
      signal: asked.signal,
    })
    if (!opened.ok) return messages.reportProblems(opened.problems)
    try {
      return await serveConnected(serving, opened.value, asked.signal)
    } finally {
      await opened.value.close()
    }
  } catch (error) {
    // The wait for the database was ended.
    if (asked.signal.aborted && error === asked.signal.reason) return exitCodes.success
    throw error
  } finally {
    asked.stop()
  }
}

async function serveConnected(serving: Serving, process: ServiceProcess, asked: AbortSignal): Promise<ExitCode> {
  const { messages, flags, settings, app, trial } = serving
  const { log, connection, work } = process
  const loginLink = trial === null ? null : createLoginLink()
  const started = await startService({
    ...work,
    settings,
    connection: connection.requesting,
    login: connection.login,
    onInstallationChanged: connection.forget,
    oauth:
      app === null
        ? null
        : createGitHubOAuth({
            clientId: app.clientId,
            clientSecret: app.clientSecret,
            apiUrl: connection.apiUrl,
            fetch: connection.requesting.fetch ?? globalThis.fetch,
          }),
    loginLink,
  })
  if (!started.ok) return messages.reportProblems(started.problems)
  const service = started.value
  await trial?.connect(service.url)
  if (flags.json === true) process.announce(toAnnouncement({ url: service.url, loginLink, trial }))
  else tellWhere(serving, { url: service.url, loginLink, trial })
  const isLost = await Promise.race([aborted(asked), service.lost.then(() => true)])
  log.info({ reason: isLost ? 'lost' : String(asked.reason) }, 'ending; what has not ended is handed on')
  await service.close()
  return isLost ? exitCodes.notSuccessful : exitCodes.success
}

/** Resolves to false when the signal aborts. */
function aborted(signal: AbortSignal): Promise<false> {
  if (signal.aborted) return Promise.resolve(false)
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(false), { once: true }))
}

function secretsOf(
  { webhookSecrets, apiToken, hmacSecret, slackSigningSecret, databaseUrl }: ServiceSettings,
  app: AppFile | null,
): string[] {
  const passwords = databaseUrl === null ? [] : passwordOf(databaseUrl)
  const ofApp = app === null ? [] : [app.privateKey, app.clientSecret, app.webhookSecret ?? '']
  const all = [...webhookSecrets, ...ofApp, ...passwords, apiToken ?? '', hmacSecret ?? '', slackSigningSecret ?? '']
  return all.filter((secret) => secret !== '')
}

interface Place {
  url: string
  loginLink: LoginLink | null
  trial: SandboxTrial | null
}

/** The key of the login link appears nowhere else. */
function loginUrlOf({ url, loginLink }: Place): string | null {
  return loginLink === null ? null : `${url}/login?key=${loginLink.key}`
}

function toAnnouncement(place: Place): object {
  const github = place.trial === null ? {} : { sandbox: place.trial.sandbox.url, loginUrl: loginUrlOf(place) }
  return { type: 'listening', url: place.url, ...github }
}

function tellWhere({ messages, loaded, settings }: Serving, place: Place): void {
  const { url, trial } = place
  const loginUrl = loginUrlOf(place)
  const where = `orch serves on ${url} (webhooks: ${url}/webhooks/github).`
  if (trial === null || loginUrl === null) {
    const tokens = settings.apiToken === null ? 'a token of GitHub' : 'ORCH_API_TOKEN or a token of GitHub'
    return messages.note(`${where} Open it to see the dashboard; log in with ${tokens}. Ctrl-C stops it.`)
  }
  messages.note(where)
  const service = { loginUrl, quietMs: trial.quietMs }
  messages.stderr.write(sandboxInstructions({ ...loaded, ...trial.sandbox, service }))
}
