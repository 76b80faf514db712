/** A flow file with every key. */
export const everyKey = `name: release
on:
  event:
    types: [upstream.release, "upstream.*"]
    source: patch
    payload: { type: object, required: [repo, tag] }
  dispatch: true
  schedule: [{ cron: "0 6 * * 1-5", timezone: Europe/Berlin }]
  poll: { every: 5m, command: [node, poll.js, 1] }
concurrency: 2
steps:
  - exec: node build.js
    timeout-minutes: 0.5
    env: [RELEASE_TOKEN]
    working-directory: tools
  - exec: [node, build.js]
  - dispatch:
      repository: acme/docs
      event-type: release-published
      payload: { tag: "\${{ event.payload.tag }}", count: 1 }
      wait: true
  - run: "\${{ event.payload.branch }}"
  - invalidate: DPTA-*
  - handoff: announce
`

const start = 'name: a\non: { dispatch: true }\n'
const withStep = (step: string): string => `${start}steps:\n  - ${step}\n`
const withTrigger = (trigger: string): string => `name: a\non:\n  ${trigger}\nsteps:\n  - exec: cat\n`

/** Flow files that are not valid, with their mistakes: the line and the beginning of the message. */
export const flowFileMistakes: [text: string, ...mistakes: string[]][] = [
  ['', '1: the file is empty'],
  ['- a', '1: the file must be a map, not a list'],
  ['name: a\n', '1: the key "on" is missing', '1: the key "steps" is missing'],
  [`${start}steps: []`, '3: "steps" must be a list with at least one step, not an empty list'],
  [`${start}stepz:\n  - exec: cat`, '1: the key "steps" is missing', '3: unknown key "stepz" in the file'],
  ['name: a/b\non: { dispatch: true }\nsteps:\n  - exec: cat', '1: "a/b" is not a valid name of a flow'],
  [`${start}concurrency: 0\nsteps:\n  - exec: cat`, '3: "concurrency" must be a whole number of at least 1'],
  ['name: a\non: {}\nsteps:\n  - exec: cat', '2: nothing starts this flow'],
  [withTrigger('events: {}'), '2: nothing starts this flow', '3: unknown key "events" in "on"'],
  [withTrigger('event: { types: ["["] }'), '3: "[" is not a valid pattern'],
  [withTrigger('event: { payload: tag }'), '3: "payload" must be a map, not the text "tag"'],
  [withTrigger('event: { payload: { type: thing } }'), '3: "payload" is not a valid JSON Schema'],
  [
    withTrigger('event: { payload: { $async: true } }'),
    '3: "payload" is not a valid JSON Schema: $async is not supported',
  ],
  [withTrigger('schedule: daily'), '3: "schedule" must be a list, not the text "daily"'],
  [withTrigger('schedule: [{ cron: "99 * * * *" }]'), '3: "99 * * * *" is not a valid cron expression'],
  [withTrigger('schedule: [{ timezone: UTC }]'), '3: the key "cron" is missing in an entry of "schedule"'],
  [withTrigger('poll: { command: [node] }'), '3: "poll" has no "every"'],
  [withTrigger('poll: { every: 5m }'), '3: "poll" has no "command"'],
  [withTrigger('poll: { every: 0s, command: [node] }'), '3: "every" must be a duration, not "0s"'],
  [withTrigger('poll: { every: 500ms, command: [node] }'), '3: "every" must be a duration, not "500ms"'],
  [withTrigger('poll: { every: 5, command: [node] }'), '3: "every" has no unit'],
  [withTrigger('poll: { every: 5m, command: node poll.js }'), '3: "command" must be a list of texts, not'],
  [withStep('walk: home'), '4: unknown key "walk" in a step', '4: this step does nothing'],
  [withStep('{ exec: cat, run: main }'), '4: "exec" and "run" in one step'],
  [withStep('{ run: main, env: [A] }'), '4: "env" belongs to a step with "exec"'],
  [withStep('exec: ""'), '4: "exec" must be a text for a shell or a list, not'],
  [withStep('exec: 5'), '4: "exec" must be a text for a shell or a list, not the number 5'],
  [withStep('exec: []'), '4: "exec" must be a list of texts, the program first'],
  [withStep('exec: [node, true]'), '4: "exec" must be a list of texts, the program first'],
  [withStep('exec: "echo ${{ event.id }}"'), '4: expressions are not replaced in a command'],
  [withStep('{ exec: cat, timeout-minutes: 0 }'), '4: "timeout-minutes" must be a number of minutes'],
  [withStep('{ exec: cat, env: ["A=1"] }'), '4: "A=1" is not a valid name of an environment variable'],
  [withStep('dispatch: {}'), '4: "dispatch" has no "repository"', '4: "dispatch" has no "event-type"'],
  [withStep('dispatch: { repository: docs, event-type: a }'), '4: "docs" is not a valid repository'],
  [
    withStep(`dispatch: { repository: acme/docs, event-type: ${'x'.repeat(101)} }`),
    'is not a valid event type: GitHub allows at most 100 characters',
  ],
  [
    withStep(
      'dispatch: { repository: acme/docs, event-type: a, payload: { a: 1, b: 1, c: 1, d: 1, e: 1, f: 1, g: 1, h: 1, i: 1, j: 1, k: 1 } }',
    ),
    '4: GitHub allows at most 10 top-level keys in "payload"',
  ],
  [
    withStep('dispatch: { repository: acme/docs, event-type: a, payload: [1] }'),
    '4: "payload" must be a map, not a list',
  ],
  [withStep('run: "${{ event.payload.tag"'), '4: this expression is not closed'],
  [withStep('run: "${{ secrets.TOKEN }}"'), '4: unknown expression "secrets.TOKEN"'],
  [withStep('run: "${{ event.receivedAt }}"'), '4: unknown expression "event.receivedAt"'],
  [withStep('run: "${{ event.id.x }}"'), '4: event.id is a text and has no "x"'],
  [withStep('run: a..b'), '4: "a..b" is not a valid branch name'],
  [withStep('invalidate: "!a"'), '4: "!a" is not a valid branch pattern: it matches no branch'],
  [withStep('handoff: [a]'), '4: "handoff" must be a text'],
  [withStep('merge: main'), '4: this version of orch cannot merge'],
  [`${start}steps:\n${'  - exec: cat\n'.repeat(101)}`, '3: a flow has at most 100 steps'],
]
