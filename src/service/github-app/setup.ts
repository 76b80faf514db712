import { randomBytes, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { stop, usageProblem, type Result } from '../../app/problem.js'
import { convertManifest, type CreatedApp } from '../../github/app/convert-manifest.js'
import type { RequestingOptions } from '../../github/api/requesting.js'
import { repositoriesOf, type Graph } from '../../model/graph.js'
import { splitRepo } from '../../model/repo-name.js'
import { readAppFile, writeAppFile } from './app-file.js'
import { createManifest, readServiceUrl } from './app-manifest.js'
import { installUrl } from './installations.js'
import { askForUrlPage, createdPage, problemPage, sendManifestPage, type CreationChoice } from './setup-pages.js'

export interface SetUpAppOptions extends Omit<RequestingOptions, 'token'> {
  graph: Graph
  /** Root of GitHub's pages, without a slash at the end. */
  serverUrl: string
  /** The address of the service; null: the page asks for it. */
  serviceUrl: string | null
  /** Where the App is stored. */
  appFile: string
  /** Prints one line. No secret is ever printed. */
  print: (line: string) => void
  /** When aborted, the setup ends without an App. */
  signal: AbortSignal
}

/** The App that was set up. */
export interface SetUp {
  slug: string
  installUrl: string
}

/** GitHub's code for the App works for an hour. */
const maxDurationMs = 3_600_000

/** One setup: the pages on this machine that lead through GitHub's manifest flow. */
interface Flow {
  options: SetUpAppOptions
  /** Proves that the code comes from the page that this setup showed. */
  state: string
  /** `http://127.0.0.1:PORT` */
  origin: string
  serviceUrl: string | null
  finish: (result: Result<SetUp>) => void
}

/**
 * `orch serve --setup`: creates the GitHub App of a service. Prints the address of a page on 127.0.0.1 that sends the manifest to GitHub, receives the
 * code, and stores the key and the secrets with mode 0600.
 */
export async function setUpApp(options: SetUpAppOptions): Promise<Result<SetUp>> {
  const known = await readAppFile(options.appFile)
  if (known.kind !== 'absent') {
    const why = 'its key would be lost, and GitHub does not show it again'
    return stop(usageProblem(`${options.appFile} exists already`, why, 'Remove it first to create another App.'))
  }
  const given = options.serviceUrl === null ? null : readServiceUrl(options.serviceUrl)
  if (given !== null && 'problem' in given)
    return stop(usageProblem('--url cannot be used', given.problem, 'Write it like https://orch.example.com'))
  return serveUntilDone(options, given?.url ?? null)
}

async function serveUntilDone(options: SetUpAppOptions, serviceUrl: string | null): Promise<Result<SetUp>> {
  let finish: Flow['finish'] = () => undefined
  const finished = new Promise<Result<SetUp>>((resolve) => {
    finish = resolve
  })
  const flow: Flow = { options, state: randomBytes(24).toString('base64url'), origin: '', serviceUrl, finish }
  let fail: (error: unknown) => void = () => undefined
  const failed = new Promise<never>((_resolve, reject) => {
    fail = reject
  })
  const server = createServer((request, response) => {
    answer(flow, request, response).catch((error: unknown) => {
      response.destroy()
      fail(error)
    })
  })
  const ended = new AbortController()
  try {
    flow.origin = await listen(server)
    options.print(`Open ${flow.origin}/ in a browser on this machine to create the GitHub App.`)
    return await Promise.race([finished, failed, untilTooLate(options, ended.signal)])
  } finally {
    ended.abort()
    await close(server)
  }
}

function listen(server: Server): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))
  })
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    // A browser keeps its connection open; the last answer was sent before.
    server.closeIdleConnections()
  })
}

async function untilTooLate({ clock, signal }: SetUpAppOptions, ended: AbortSignal): Promise<Result<SetUp>> {
  await clock.sleep(maxDurationMs, AbortSignal.any([signal, ended]))
  if (signal.aborted) {
    const why = 'the setup was stopped before GitHub had sent the App'
    return stop({ kind: 'interrupted', message: 'interrupted', why, remedy: 'Run orch serve --setup again.' })
  }
  const why = 'nobody created the App within an hour'
  return stop({ kind: 'failed', message: 'the setup timed out', why, remedy: 'Run orch serve --setup again.' })
}

async function answer(flow: Flow, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', flow.origin)
  // A page of another site that resolves its own name to 127.0.0.1 has another host.
  if (request.headers.host !== new URL(flow.origin).host)
    return send(flow, response, 421, problemPage('this is another host'))
  if (request.method !== 'GET') return send(flow, response, 405, problemPage('only GET is answered here'))
  if (url.pathname === '/') return showStart(flow, url, response)
  if (url.pathname === '/created') return receiveCode(flow, url, response)
  return send(flow, response, 404, problemPage('there is no such page'))
}

function showStart(flow: Flow, url: URL, response: ServerResponse): Promise<void> {
  const asked = url.searchParams.get('url')
  if (asked !== null) {
    const read = readServiceUrl(asked)
    if ('problem' in read) return send(flow, response, 400, askForUrlPage(read.problem))
    flow.serviceUrl = read.url
  }
  if (flow.serviceUrl === null) return send(flow, response, 200, askForUrlPage(null))
  const owners = ownersOf(flow.options.graph)
  const manifest = createManifest({
    name: `orch-${owners[0] ?? 'service'}`.slice(0, 34),
    serviceUrl: flow.serviceUrl,
    redirectUrl: `${flow.origin}/created`,
    isPublic: owners.length > 1,
  })
  return send(flow, response, 200, sendManifestPage(manifest, choicesOf(flow, owners)))
}

function ownersOf(graph: Graph): string[] {
  const owners = repositoriesOf(graph).map((repo) => splitRepo(repo).owner)
  return [...new Map(owners.map((owner) => [owner.toLowerCase(), owner])).values()]
}

/** An owner may be an organization or the person's own account, which have different pages. */
function choicesOf({ options, state }: Flow, owners: readonly string[]): CreationChoice[] {
  const to = (path: string): string => `${options.serverUrl}/${path}?state=${state}`
  return [
    ...owners.map((owner) => ({
      label: `Create it in the organization ${owner}`,
      action: to(`organizations/${encodeURIComponent(owner)}/settings/apps/new`),
    })),
    { label: 'Create it in your own account', action: to('settings/apps/new') },
  ]
}

async function receiveCode(flow: Flow, url: URL, response: ServerResponse): Promise<void> {
  const code = url.searchParams.get('code') ?? ''
  if (!isSame(url.searchParams.get('state') ?? '', flow.state) || code === '') {
    return send(flow, response, 400, problemPage('the answer does not belong to this setup'))
  }
  const created = await convertManifest(flow.options, code)
  if (!created.ok) {
    const { message, remedy } = created.failure
    flow.options.print(`The App could not be read: ${message}. Open ${flow.origin}/ again.`)
    return send(flow, response, 502, problemPage(remedy === undefined ? message : `${message}; ${remedy}`))
  }
  const { id, ...app } = created.value
  await writeAppFile(flow.options.appFile, { ...app, appId: id })
  const install = installUrl(app)
  await send(flow, response, 200, createdPage(app.slug, install))
  printNextSteps(flow, created.value, install)
  flow.finish({ ok: true, value: { slug: app.slug, installUrl: install } })
}

function printNextSteps({ options }: Flow, { slug, webhookSecret }: CreatedApp, install: string): void {
  options.print(`Created the GitHub App ${slug}. Its key and secrets are in ${options.appFile}, readable for you only.`)
  options.print(`Install it on the repositories of the graph: ${install}`)
  if (webhookSecret === null)
    options.print('It has no webhook secret yet: set one in its settings, and in ORCH_WEBHOOK_SECRET.')
  options.print('Then start the service: orch serve')
}

function isSame(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)]
  return left.length === right.length && timingSafeEqual(left, right)
}

/** Resolves when the page was sent, or nobody waits for it any more. */
function send({ options, origin }: Flow, response: ServerResponse, status: number, html: string): Promise<void> {
  const formTargets = `${new URL(options.serverUrl).origin} ${origin}`
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': `default-src 'none'; style-src 'unsafe-inline'; form-action ${formTargets}; frame-ancestors 'none'; base-uri 'none'`,
    'cache-control': 'no-store',
    // GitHub needs no address of this page, which could hold the state.
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    connection: 'close',
  })
  return new Promise((resolve) => {
    response.once('close', resolve)
    response.end(html)
  })
}
