import { fold } from '../../src/engine/build/state/apply.js'
import { drive, resume } from '../../src/engine/build/drive.js'
import { readFreshness } from '../../src/app/plan/read-freshness.js'
import { planChange } from '../../src/engine/build/plan/plan.js'
import type { Event } from '../../src/model/build/events.js'
import type { Graph } from '../../src/model/graph.js'
import { builtWithoutBranch } from '../../src/model/build/commit-to-build.js'
import { repoKey } from '../../src/model/repo-name.js'
import { repositoriesOf } from '../../src/model/graph.js'
import { noEarlierRuns } from '../../src/model/build/plan.js'
import type { Orchestration, OrchestrationOutcome } from '../../src/model/build/orchestration.js'
import { seededRandom } from '../support/random.js'
import { PromiseClock } from '../support/promise-clock.js'
import { disturbLater } from './disturbance.js'
import { EarlierBuilds } from './earlier-builds.js'
import type { History } from './history.js'
import { MortalJournal } from './mortal-journal.js'
import { failsFirst, rerunByHand } from './manual-reruns.js'
import { obstruct } from './obstacles.js'
import { randomGraph, randomRepository, randomRun, troubles, withApproval } from './random-world.js'
import { World } from './world.js'
import { defaultSha, digestOf } from './world-model.js'
import type { ReadWorkflowTriggers } from '../../src/model/workflow-triggers.js'

const minute = 60_000

export interface Replay {
  outcome: OrchestrationOutcome
  orchestration: Orchestration
  world: World
  graph: Graph
  events: Event[]
  hours: number
}

/** One orchestration from plan to end. Undefined: the random world has no change. */
export async function replay(history: History): Promise<Replay | undefined> {
  const random = seededRandom(history.seed)
  const clock = new PromiseClock()
  const graph = randomGraph(history, random)
  const repositories = repositoriesOf(graph).map((repo, index) => randomRepository(repo, index, random))
  if (repositories.every(({ headSha }) => headSha === null)) return undefined
  const builtWhereAbsent = builtWithoutBranch(graph)
  for (const repository of repositories)
    if (repository.headSha === null && builtWhereAbsent.has(repoKey(repository.repo)))
      repository.builtDefaultSha = defaultSha
  // A separate random source, so that the rest of the history does not depend on it.
  const approvals = seededRandom(history.seed + 4)
  const world = new World({
    clock,
    random,
    repositories,
    trouble: troubles.none,
    planRun: () => withApproval(randomRun(history, clock, random), history, clock, approvals),
  })
  // A separate random source, so that the rest of the history does not depend on it.
  const chance = { now: clock.now(), random: seededRandom(history.seed + 1) }
  world.earlier = history.earlier ? new EarlierBuilds(graph, repositories, { kind: history.earlier, ...chance }) : null
  const byHand = seededRandom(history.seed + 3)
  world.onRun = (run) => {
    if (failsFirst(history, byHand)) run.conclusion = 'failure'
    if (history.rerunsByHand) void rerunByHand(world, run, clock, byHand)
  }
  void obstruct(history, world, clock, seededRandom(history.seed + 2))
  const query = {
    branch: 'DPTA-1',
    statusContext: graph.statusContext,
    repositories: repositories.map(({ repo, builtDefaultSha }) => ({
      repo,
      workflows: ['build.yml'],
      buildsDefaultBranch: builtDefaultSha !== undefined,
    })),
  }
  const readings = await clock.until(world.readChange(query))
  const readTriggers: ReadWorkflowTriggers = () => ({ kind: 'dispatchable', inputs: new Map() })
  const planning = planChange({
    graph,
    branch: 'DPTA-1',
    readings,
    only: null,
    postStatus: true,
    readTriggers,
    ...(world.earlier
      ? {
          freshness: await clock.until(
            readFreshness(
              { host: world, graph, branch: 'DPTA-1', serverUrl: world.earlier.serverUrl, readTriggers },
              readings,
            ),
          ),
        }
      : {}),
  })
  if (planning.kind !== 'planned') throw new Error(`not planned: ${JSON.stringify(planning)}`)
  const plannedMembers = planning.plan.members.map(({ repo }) => repo)
  const isHolding = graph.membersWithoutPullRequest === 'hold'
  const holdsWithout = planning.plan.members.flatMap((each) => (isHolding && each.isAhead ? [each.repo] : []))
  const targets = planning.plan.targets.map(({ repo }) => repo)
  const readsTogether = history.seed % 2 === 1
  const isSparse = history.readings === 'sparse'
  const trouble = troubles[history.trouble]
  world.dispatchesAgain = history.onLostDispatch === 'dispatch-again'
  Object.assign(world, {
    plannedAt: clock.now(),
    plannedMembers,
    builtDefaults: repositories.flatMap(({ repo, builtDefaultSha }) => (builtDefaultSha === undefined ? [] : [repo])),
    plannedDigest: digestOf(repositories),
    holdsWithout,
    targets,
    trouble,
    readsTogether,
    isSparse,
  })
  const journal = new MortalJournal(clock, () => Math.floor(random() * history.journalDelay))
  const startedAt = clock.now()
  const { maxParallel, failFast } = history
  const options = {
    failFast,
    maxParallel,
    timeoutMs: history.timeoutMinutes * minute,
    postStatus: true,
    recordJobs: history.earlier !== undefined,
    only: null,
    link: 'https://ci.test',
    ...noEarlierRuns,
  }
  const reporter = { report: () => undefined, close: () => Promise.resolve() }
  const ports = { github: world, clock, journal, reporter }
  let run = drive(ports, { id: 'run0000001', plan: planning.plan, options })
  void disturbLater(history, world, clock, random, journal, (signal) => run.interrupt(signal))
  // A disk that is full when the next process starts leaves nothing to resume.
  const crashes = history.disturbance === 'full-disk' ? 0 : history.crashes
  for (let crash = 0; crash < crashes; crash += 1) {
    const died = journal.dieAfter(2 + Math.floor(random() * 25), random() < 0.5)
    const isDead = await clock.until(Promise.race([run.finished.then(() => false), died.then(() => true)]))
    if (!isDead) break
    await clock.advance(Math.floor(random() * (random() < 0.3 ? 600 : 5) * minute))
    journal.revive()
    const left = fold(journal.read())
    // The process died with its last line on the disk: there is nothing to resume.
    run = left.ending
      ? {
          finished: Promise.resolve(left),
          interrupt: () => undefined,
          cancel: () => undefined,
          handOver: () => undefined,
          observe: () => undefined,
        }
      : resume(ports, left)
  }
  const orchestration = await clock.until(run.finished)
  if (!orchestration.ending) throw new Error('it finished without an ending')
  const events = attended(journal.read())
  const hours = ((events.at(-1)?.at ?? startedAt) - startedAt) / 3_600_000
  return { outcome: orchestration.ending.outcome, orchestration, world, graph, events, hours }
}

/** The events without the time between a death and a resume. */
function attended(events: readonly Event[]): Event[] {
  let away = 0
  return events.map((event, index) => {
    if (event.type === 'resumed') away += event.at - (events[index - 1]?.at ?? event.at)
    return away === 0 ? event : Object.assign({}, event, { at: event.at - away })
  })
}
