// Drives one orchestration for engine-scale.js: a graph, a virtual clock, and an in-memory GitHub.

const minute = 60_000

/** Returns a deterministic random number generator (mulberry32). */
function seeded(seed) {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

function needsOf(shape, index, count, random) {
  if (index === 0) return []
  if (shape === 'deep') return [index - 1]
  if (shape === 'wide' || shape === 'failing') {
    return index < count - 1 ? [0] : Array.from({ length: count - 2 }, (_, at) => at + 1)
  }
  const wanted = Math.floor(random() * 4)
  const nearest = Math.min(index, 50)
  return [...new Set(Array.from({ length: wanted }, () => index - 1 - Math.floor(random() * nearest)))]
}

function graphOf(shape, count, random) {
  const jobs = Array.from({ length: count }, (_, index) => ({
    id: `job${index}`,
    repo: `acme/repo${index}`,
    needs: needsOf(shape, index, count, random).map((need) => `job${need}`),
    workflow: 'build.yml',
    inputs: {},
    timeoutMs: 60 * minute,
    queueTimeoutMs: 60 * minute,
    retries: 0,
    retryOn: 'any',
  }))
  const maxParallel = shape === 'parallel' ? 20 : null
  return { branches: ['DPTA-*'], statusContext: 'orchestrator-build', failFast: true, maxParallel, jobs }
}

const shaOf = (index) => index.toString(16).padStart(40, 'a')

function planOf(graph) {
  const pullRequest = (index) => ({
    number: index + 1,
    url: `https://github.test/pull/${index + 1}`,
    title: 'a change',
    headRef: 'DPTA-1',
    headSha: shaOf(index),
    baseRef: 'main',
    isDraft: false,
    mergeability: 'mergeable',
    isFork: false,
  })
  const members = graph.jobs.map(({ repo }, index) => ({
    repo,
    headSha: shaOf(index),
    pullRequests: [pullRequest(index)],
  }))
  return {
    branch: 'DPTA-1',
    graph,
    members,
    absent: [],
    jobs: graph.jobs.map(({ id }, index) => ({
      job: id,
      action: 'run',
      reason: 'its branch exists',
      headSha: shaOf(index),
      fingerprint: shaOf(index),
      carriesMarker: false,
    })),
    setDigest: '0'.repeat(64),
    targets: members.map((member) => ({ ...member, statusId: null, claimedBy: null })),
    warnings: [],
  }
}

/** A virtual clock that jumps to the next timer when no promise is ready. */
class VirtualClock {
  time = Date.UTC(2026, 0, 1)
  sleepers = []

  now() {
    return this.time
  }

  sleep(ms, signal) {
    return new Promise((resolve) => {
      const wake = () => {
        signal?.removeEventListener('abort', wake)
        resolve()
      }
      signal?.addEventListener('abort', wake)
      this.push({ at: this.time + Math.max(0, ms), wake })
    })
  }

  push(sleeper) {
    const heap = this.sleepers
    let at = heap.push(sleeper) - 1
    for (; at > 0; at = (at - 1) >> 1) {
      const above = heap[(at - 1) >> 1]
      if (above.at <= sleeper.at) break
      heap[at] = above
    }
    heap[at] = sleeper
  }

  pop() {
    const heap = this.sleepers
    const [first] = heap
    const last = heap.pop()
    if (heap.length === 0) return first
    let at = 0
    for (;;) {
      let below = 2 * at + 1
      if (below >= heap.length) break
      if (below + 1 < heap.length && heap[below + 1].at < heap[below].at) below += 1
      if (heap[below].at >= last.at) break
      heap[at] = heap[below]
      at = below
    }
    heap[at] = last
    return first
  }

  async until(work) {
    let isDone = false
    const done = () => (isDone = true)
    work.then(done, done)
    const quiet = () => new Promise((resolve) => process.nextTick(resolve))
    for (await quiet(); !isDone; await quiet()) {
      if (this.sleepers.length === 0) throw new Error('nothing is left to wait for')
      const next = this.pop()
      this.time = Math.max(this.time, next.at)
      next.wake()
    }
    return work
  }
}

/** An in-memory GitHub. Each request takes 50 ms; a build takes half a minute to five minutes. */
function inMemoryGitHub({ clock, plan, random, fails, nextReadingAt }) {
  const byRepo = new Map(plan.members.map((member) => [member.repo, member]))
  const runs = new Map()
  const statuses = new Map()
  let nextId = 1
  const answer = async (value) => {
    await clock.sleep(50)
    return value
  }
  const present = (id) => {
    const { repo, endsAt, conclusion } = runs.get(id)
    const isOver = clock.now() >= endsAt
    const { headSha } = byRepo.get(repo)
    const [status, concluded] = isOver ? ['completed', conclusion] : ['in_progress', null]
    return { id, headSha, status, conclusion: concluded, runAttempt: 1, url: 'https://github.test/run' }
  }
  // A reading covers every repository. It takes a second for each here, so that long orchestrations contain no more readings than
  // short ones, and the events dominate the measurement.
  const read = async (value) => {
    await clock.sleep(1_000 * plan.members.length)
    return value
  }
  return {
    readChange: ({ repositories }) =>
      read(
        repositories.map(({ repo }) => ({
          kind: 'read',
          repo,
          isArchived: false,
          defaultBranch: 'main',
          defaultBranchSha: shaOf(0),
          headSha: byRepo.get(repo).headSha,
          pullRequests: byRepo.get(repo).pullRequests,
          sameHead: [],
          status: statuses.get(repo)?.[0] ?? null,
          workflows: [],
        })),
      ),
    dispatch: async ({ repo }, beforeSend) => {
      await clock.sleep(25)
      if (!(await beforeSend())) return { kind: 'withheld' }
      const id = (nextId += 1)
      const conclusion = runs.size + 1 === fails ? 'failure' : 'success'
      runs.set(id, { repo, conclusion, endsAt: clock.now() + Math.floor((0.5 + 4.5 * random()) * minute) })
      return answer({ kind: 'accepted', runId: id, url: 'https://github.test/run' })
    },
    readRun: (_repo, runId) => answer(null).then(() => ({ kind: 'run', run: present(runId) })),
    // As in the adapter of the command, many runs share a request.
    nextReadingAt: (run) => {
      const count = plan.members.length
      return nextReadingAt(run, { count, isShared: count > 10, allowance: null }, clock.now())
    },
    cancelRun: (_repo, runId) => {
      const run = runs.get(runId)
      if (run.endsAt > clock.now()) Object.assign(run, { endsAt: clock.now(), conclusion: 'cancelled' })
      return answer({ kind: 'requested' })
    },
    explainFailure: () => answer({ ok: true, value: { workflowJob: 'build', step: null, url: '', logTail: [] } }),
    postStatus: async ({ repo, state, context, description }, _options, beforeSend) => {
      await clock.sleep(25)
      if (!(await beforeSend())) return { kind: 'withheld' }
      const id = (nextId += 1)
      const status = { id, state, context, description, targetUrl: '', creator: 'us', createdAt: clock.now() }
      statuses.set(repo, [status, ...(statuses.get(repo) ?? [])])
      return answer({ kind: 'posted', status })
    },
    listStatuses: ({ repo }) => answer({ ok: true, value: statuses.get(repo) ?? [] }),
    readEarlierStatuses: ({ repositories }) =>
      answer(repositories.map(({ repo }) => ({ repo, read: { ok: true, value: [] } }))),
    serverTime: () => clock.now(),
  }
}

/** Measures only the engine's work for the events of an orchestration: apply, list due actions, check that they are still due. */
function replay({ IncrementalDecider, apply, begin, actionKey }, events) {
  const started = process.cpuUsage()
  let state = begin(events[0])
  const decider = new IncrementalDecider(state)
  /** Keys of the actions in flight, by their owner. An event of the owner ends them. */
  const underWay = new Map()
  const ownerOf = ({ job, repo, stage, type }) => job ?? repo ?? stage ?? type
  let asked = 0
  for (const event of events.slice(1)) {
    decider.update(state, event.at)
    for (const action of decider.take()) {
      const key = actionKey(action)
      if (decider.pending(key) !== undefined) asked += 1
      underWay.set(ownerOf(action), [...(underWay.get(ownerOf(action)) ?? []), key])
    }
    state = apply(state, event)
    for (const key of underWay.get(ownerOf(event)) ?? []) decider.release(key)
    underWay.delete(ownerOf(event))
  }
  const { user, system } = process.cpuUsage(started)
  if (state.ending === null || asked < events.length / 10) throw new Error('the replay is not the orchestration')
  return user + system
}

/** Drives one orchestration to its end and measures it, then measures the engine alone for the same events. */
export async function orchestrate(engine, shape, count) {
  const random = seeded(count)
  const clock = new VirtualClock()
  const graph = graphOf(shape, count, random)
  const plan = planOf(graph)
  const { nextReadingAt } = engine
  const fails = shape === 'failing' ? Math.min(3, count - 1) : -1
  const github = inMemoryGitHub({ clock, plan, random, fails, nextReadingAt })
  const events = []
  let read = 0
  let peakHeap = 0
  const collected = () => {
    globalThis.gc?.()
    return process.memoryUsage().heapUsed
  }
  const before = collected()
  const isProbe = (probe) => probe % Math.max(1, Math.floor(count / 2)) === 0
  const journal = { append: () => Promise.resolve(), close: () => Promise.resolve() }
  let probed = 0
  const report = (event) => {
    events.push(event)
    if (event.type === 'verified') read += count
    if (!isProbe(events.length)) return
    const at = process.cpuUsage()
    peakHeap = Math.max(peakHeap, collected())
    const { user, system } = process.cpuUsage(at)
    probed += user + system
  }
  const reporter = { report, close: () => Promise.resolve() }
  const { failFast, maxParallel } = graph
  const options = {
    failFast,
    maxParallel,
    timeoutMs: 100_000 * minute,
    postStatus: true,
    only: null,
    link: 'https://ci.test',
    eventKey: null,
    isRestart: false,
    predecessors: [],
    knownRuns: [],
    earlierHeads: [],
  }
  const started = process.cpuUsage()
  const ended = await clock.until(
    engine.drive({ github, clock, journal, reporter }, { id: 'bench00001', plan, options }).finished,
  )
  const { user, system } = process.cpuUsage(started)
  const cpu = user + system - probed
  // Runs twice: the first run warms up the code, which would otherwise dominate the figure of a small graph.
  replay(engine, events)
  const own = replay(engine, events)
  return {
    shape,
    jobs: count,
    events: events.length,
    microsPerEvent: own / events.length,
    repositoriesRead: read,
    driveCpuSeconds: cpu / 1e6,
    peakHeapMb: (peakHeap - before) / 2 ** 20,
    outcome: ended.ending?.outcome ?? 'none',
  }
}
