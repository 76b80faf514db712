import { createHash } from 'node:crypto'
import { checkBranch, exampleBranch } from '../../app/choose-branch.js'
import { failureText } from '../../lib/failure-text.js'
import type { Graph } from '../../model/graph.js'
import type { Clock } from '../../ports/clock.js'
import type { People } from '../../ports/host/people.js'
import type { ChangeCommands } from '../commands/change-commands.js'
import { describeOutcome, helpText, type OutcomeText } from '../commands/outcome-text.js'
import { parseWords } from '../commands/parse-command.js'
import { problemResponse } from '../deliveries/problem-response.js'
import { readBody } from '../deliveries/read-body.js'
import type { Durable } from '../durable/durable.js'
import type { Log } from '../operations/log.js'
import { carryOutSlackCommand } from './carry-out.js'
import { isResponseUrl, openUrl, sealUrl, slackResponseOrigin } from './response-url.js'
import { respondLater } from './respond-later.js'
import type { SlackCommand } from './slack-command.js'
import { isSignedBySlack } from './slack-signature.js'
import { renderSlackText } from './slack-text.js'

export interface SlackOptions {
  /** ORCH_SLACK_SIGNING_SECRET. */
  signingSecret: string
  graph: Graph
  host: Pick<People, 'readPermission'>
  commands: ChangeCommands
  durable: Pick<Durable, 'define'>
  clock: Clock
  log: Log
  /** Sends the answers to Slack. */
  fetch: typeof fetch
  /** Where Slack takes answers; absent: its own host. */
  responseOrigin?: string
}

interface SlackTask extends SlackCommand {
  /** Where the answer goes, encrypted. */
  sealedUrl: string
}

/** Slack's forms have a few hundred bytes. */
const maxBodyBytes = 64 * 1024

/**
 * Answers `POST /webhooks/slack`, where Slack sends slash commands. The request is answered at once, as Slack gives up after three seconds; the result
 * follows through the response URL. The same request again does nothing.
 */
export function createSlackWebhook(options: SlackOptions): (request: Request) => Promise<Response> {
  const { signingSecret, clock, log, durable } = options
  const start = durable.define<SlackTask>('slack-command', async ({ sealedUrl, ...command }, { id, signal }) => {
    const lines = log.with({ slackCommand: id })
    const outcome = await carryOutSlackCommand(options, command, id)
    const url = openUrl(sealedUrl, signingSecret)
    if (url === null) return lines.warn({}, 'The answer to Slack is dropped: the signing secret was replaced')
    await respondLater({ ...options, log: lines }, { url, text: renderSlackText(outcome), signal })
  })
  return async (request) => {
    if (request.method !== 'POST') {
      const detail = 'Slack sends slash commands with POST.'
      return problemResponse({ status: 405, title: 'Method not allowed', detail, headers: { allow: 'POST' } })
    }
    const body = await readBody(request, maxBodyBytes)
    if (body.kind === 'too-large')
      return problemResponse({ status: 413, title: 'Payload too large', detail: 'A slash command has at most 64 KB.' })
    if (body.kind === 'broken') return badRequest('the body ended too early')
    const signature = request.headers.get('x-slack-signature') ?? ''
    const timestamp = request.headers.get('x-slack-request-timestamp') ?? ''
    if (!isSignedBySlack({ timestamp, signature }, { body: body.text, secret: signingSecret, now: clock.now() })) {
      const detail = 'X-Slack-Signature must be made with the signing secret, in the last five minutes.'
      return problemResponse({ status: 401, title: 'Signature missing, wrong or too old', detail })
    }
    return answer(options, start, new URLSearchParams(body.text), signature)
  }
}

async function answer(
  options: SlackOptions,
  start: (id: string, task: SlackTask) => Promise<'started' | 'known'>,
  form: URLSearchParams,
  signature: string,
): Promise<Response> {
  // Slack checks the certificate of the service with such a request.
  if (form.get('ssl_check') === '1') return new Response(null, { status: 200 })
  const url = form.get('response_url') ?? ''
  if (!isResponseUrl(url, options.responseOrigin ?? slackResponseOrigin)) {
    return badRequest('its response_url is missing, or is not an address of Slack')
  }
  const read = readCommand(options.graph, form)
  if ('refusal' in read) return say(read.refusal)
  // The signature covers the time and a random trigger, so that it identifies the request.
  const id = `slack:${createHash('sha256').update(signature).digest('hex').slice(0, 32)}`
  try {
    const started = await start(id, { ...read, sealedUrl: sealUrl(url, options.signingSecret) })
    if (started === 'known') return new Response(null, { status: 200 })
  } catch (error) {
    options.log.error({ error: failureText(error) }, 'A slash command could not be stored')
    return say({
      isDone: false,
      headline: 'The service cannot store the command now. Nothing was done; try again.',
      details: '',
    })
  }
  return say({ isDone: true, headline: `Working on it: ${read.name}`, details: read.branch })
}

/** The command of the person, or what is answered at once. */
function readCommand(graph: Graph, form: URLSearchParams): SlackCommand | { refusal: OutcomeText } {
  const user = form.get('user_id') ?? ''
  const users = graph.slack?.users ?? {}
  const login = Object.hasOwn(users, user) ? users[user] : undefined
  const command = parseWords(form.get('text') ?? '')
  if (command.kind !== 'command') {
    const isHelp = command.kind === 'help'
    return { refusal: { isDone: isHelp, headline: isHelp ? 'Help' : 'This is not a command.', details: slackHelp } }
  }
  if (login === undefined) {
    const headline = 'Nothing was done: the graph file does not say who you are on GitHub.'
    return { refusal: { isDone: false, headline, details: `slack: { users: { ${user}: <your login> } }` } }
  }
  if (command.branch === null) {
    const details = `/orch ${command.name} ${exampleBranch(graph)}`
    return { refusal: { isDone: false, headline: 'Nothing was done: name the branch of the change.', details } }
  }
  const checked = checkBranch(graph, command.branch)
  if (!checked.ok) return { refusal: describeOutcome({ kind: 'stopped', problems: checked.problems }) }
  return { name: command.name, branch: command.branch, user, login }
}

const slackHelp = helpText.replace(/^(\/orch \w+)( *)/gmu, (_line, command: string, space: string) => {
  return `${command} <branch>${space}`
})

/** An answer that only the person sees. */
function say(text: OutcomeText): Response {
  return Response.json({ response_type: 'ephemeral', text: renderSlackText(text) })
}

function badRequest(problem: string): Response {
  const detail = `The request is refused: ${problem}.`
  return problemResponse({ status: 400, title: 'Not a slash command of Slack', detail })
}
