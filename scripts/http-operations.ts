/** One thing that the HTTP API of events, runs and flows does. */
export interface HttpOperation {
  id: string
  method: 'get' | 'post'
  path: string
  summary: string
  /** Names of `parameters`. */
  parameters: readonly ParameterName[]
  /** The type of the body; null: it has none. */
  body: 'NewEventJson' | 'HandoffJson' | null
  answers: Readonly<Record<number, HttpAnswer>>
}

export interface HttpAnswer {
  description: string
  /** The type of a JSON body, or the media type of another one. */
  content: { type: AnswerType } | { mediaType: 'text/plain' | 'text/event-stream' }
}

type AnswerType =
  | 'DispatchedEventJson'
  | 'FlowEventJson'
  | 'FlowEventPageJson'
  | 'FlowJson'
  | 'FlowListJson'
  | 'FlowRunJson'
  | 'FlowRunPageJson'
  | 'ProblemJson'

const text = { type: 'string' } as const

const parameters = {
  eventId: { name: 'id', in: 'path', description: 'The id of the event; a slash is written as `%2F`.', schema: text },
  runId: { name: 'id', in: 'path', description: 'The id of the run.', schema: text },
  flowName: { name: 'name', in: 'path', description: 'The name of the flow.', schema: text },
  type: { name: 'type', in: 'query', description: 'Only events of this type.', schema: text },
  source: { name: 'source', in: 'query', description: 'Only events from this source.', schema: text },
  ofEvent: { name: 'eventId', in: 'query', description: 'Only runs of this event.', schema: text },
  ofFlow: { name: 'flow', in: 'query', description: 'Only runs of this flow.', schema: text },
  status: {
    name: 'status',
    in: 'query',
    description: 'Only runs with this process status.',
    schema: { $ref: '#/components/schemas/FlowRunStatus' },
  },
  limit: {
    name: 'limit',
    in: 'query',
    description: 'The most items of the answer.',
    schema: { type: 'integer', minimum: 1, maximum: 100, default: 50 },
  },
  cursor: { name: 'cursor', in: 'query', description: '`nextCursor` of the page before.', schema: text },
} as const

export type ParameterName = keyof typeof parameters

/** A parameter as OpenAPI has it. */
export function parameterOf(name: ParameterName) {
  const parameter = parameters[name]
  return { ...parameter, required: parameter.in === 'path' }
}

function json(type: AnswerType, description: string): HttpAnswer {
  return { description, content: { type } }
}

function problem(description: string): HttpAnswer {
  return json('ProblemJson', description)
}

const badQuery = problem('A parameter is not valid.')
const noEvent = problem('There is no event of this id.')
const noRun = problem('There is no run of this id.')
const noFlow = problem('There is no flow of this name.')
const badBody = problem('The body is not JSON (with the line and column), or `field` of it is not valid.')
const tooLarge = problem('The payload is larger than 1 MiB.')

export const operations: readonly HttpOperation[] = [
  {
    id: 'sendEvent',
    method: 'post',
    path: '/events',
    summary: 'Send an event. The same id again changes nothing and returns the first result.',
    parameters: [],
    body: 'NewEventJson',
    answers: {
      200: json('DispatchedEventJson', 'The same event was kept before.'),
      202: json('DispatchedEventJson', 'The event is kept, with the runs that it starts.'),
      400: badBody,
      409: problem(
        'Another event has this id, and `field` differs; or the service cannot execute a flow that it starts.',
      ),
      413: tooLarge,
    },
  },
  {
    id: 'listEvents',
    method: 'get',
    path: '/events',
    summary: 'List the events, newest first, without the content of their context files.',
    parameters: ['type', 'source', 'limit', 'cursor'],
    body: null,
    answers: { 200: json('FlowEventPageJson', 'A page of events.'), 400: badQuery },
  },
  {
    id: 'getEvent',
    method: 'get',
    path: '/events/{id}',
    summary: 'Get an event.',
    parameters: ['eventId'],
    body: null,
    answers: { 200: json('FlowEventJson', 'The event.'), 404: noEvent },
  },
  {
    id: 'replayEvent',
    method: 'post',
    path: '/events/{id}/replay',
    summary:
      'Give each run of an event one more attempt. An event without runs is matched against the flows as they are now.',
    parameters: ['eventId'],
    body: null,
    answers: { 202: json('DispatchedEventJson', 'The event with its runs.'), 404: noEvent },
  },
  {
    id: 'listRuns',
    method: 'get',
    path: '/runs',
    summary: 'List the runs, newest first.',
    parameters: ['ofEvent', 'status', 'ofFlow', 'limit', 'cursor'],
    body: null,
    answers: { 200: json('FlowRunPageJson', 'A page of runs.'), 400: badQuery },
  },
  {
    id: 'getRun',
    method: 'get',
    path: '/runs/{id}',
    summary: 'Get a run.',
    parameters: ['runId'],
    body: null,
    answers: { 200: json('FlowRunJson', 'The run.'), 404: noRun },
  },
  {
    id: 'getRunLog',
    method: 'get',
    path: '/runs/{id}/log',
    summary: 'Get what the last attempt printed: its standard output, then its standard error.',
    parameters: ['runId'],
    body: null,
    answers: { 200: { description: 'The output.', content: { mediaType: 'text/plain' } }, 404: noRun },
  },
  {
    id: 'streamRun',
    method: 'get',
    path: '/runs/{id}/stream',
    summary: 'Watch a run.',
    parameters: ['runId'],
    body: null,
    answers: {
      200: {
        description:
          'Server-sent events: `event: run` with the run as one line of JSON, first as it is now, then whenever it has changed. The stream ends when the run has ended.',
        content: { mediaType: 'text/event-stream' },
      },
      404: noRun,
    },
  },
  {
    id: 'cancelRun',
    method: 'post',
    path: '/runs/{id}/cancel',
    summary: 'Cancel the attempts of a run that have not ended.',
    parameters: ['runId'],
    body: null,
    answers: {
      202: json('FlowRunJson', 'The run, which ends soon.'),
      404: noRun,
      409: problem('The run has ended already.'),
    },
  },
  {
    id: 'listFlows',
    method: 'get',
    path: '/flows',
    summary: 'List the flows, with those that are shadowed or not valid.',
    parameters: [],
    body: null,
    answers: { 200: json('FlowListJson', 'All flows.') },
  },
  {
    id: 'handOff',
    method: 'post',
    path: '/flows/{name}/handoff',
    summary: 'Hand a payload and context files to one flow.',
    parameters: ['flowName'],
    body: 'HandoffJson',
    answers: {
      200: json('DispatchedEventJson', 'The same was handed on before.'),
      202: json('DispatchedEventJson', 'The event of the handoff, with its run.'),
      400: badBody,
      404: noFlow,
      409: problem(
        'The flow is disabled or has no `dispatch: true`; or another event has this id, and `field` differs.',
      ),
      413: tooLarge,
    },
  },
  ...(['enable', 'disable'] as const).map((action): HttpOperation => ({
    id: `${action}Flow`,
    method: 'post',
    path: `/flows/{name}/${action}`,
    summary:
      action === 'enable'
        ? 'Let events start a flow again.'
        : 'Keep events from starting a flow. What was started before still ends.',
    parameters: ['flowName'],
    body: null,
    answers: { 200: json('FlowJson', 'The flow.'), 404: noFlow },
  })),
]

/** What every operation may answer besides. */
export const commonAnswers: Readonly<Record<number, HttpAnswer>> = {
  401: problem('There is no token or signature, or it is not accepted.'),
  403: problem('The person may not do this.'),
  429: problem(
    'The caller has sent too many events, or the address too many wrong tokens or signatures. Try again after `Retry-After` seconds.',
  ),
  503: problem('GitHub or the database cannot be reached. Try again after `Retry-After` seconds.'),
}
