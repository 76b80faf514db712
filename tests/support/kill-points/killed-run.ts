import { fold } from '../../../src/engine/build/state/apply.js'
import { drive, resume } from '../../../src/engine/build/drive.js'
import type { Ports } from '../../../src/engine/build/drive.js'
import { planChange } from '../../../src/engine/build/plan/plan.js'
import { parseGraphFile } from '../../../src/config/graph-file.js'
import { readWorkflowTriggers } from '../../../src/config/workflow-file.js'
import { fixedToken } from '../../../src/github/api/token.js'
import { createGitHub } from '../../../src/github/github.js'
import type { Event } from '../../../src/model/build/events.js'
import { repositoriesOf } from '../../../src/model/graph.js'
import type { Ending } from '../../../src/model/build/orchestration.js'
import { noEarlierRuns } from '../../../src/model/build/plan.js'
import type { Plan } from '../../../src/model/build/plan.js'
import type { Clock } from '../../../src/ports/clock.js'
import type { Host } from '../../../src/ports/host/host.js'
import type { Journal } from '../../../src/ports/journal.js'
import { ExampleWorld, address, branch } from './example-world.js'
import type { WorldOptions } from './example-world.js'
import { journalHeader, journalLine } from './journal-disk.js'
import type { JournalDisk } from './journal-disk.js'
import { MortalProcess } from './mortal-process.js'
import type { ProcessFaults } from './mortal-process.js'
import { seededRandom } from '../random.js'
import { exampleGraph } from '../example-graph.js'

export const orchestrationId = '01jd6x0000killed'

/** A change and its plan: planning only reads, so that one plan serves all runs of the same change. */
export interface Example {
  world: WorldOptions
  plan: Plan
}

export async function planExample(options: WorldOptions): Promise<Example> {
  await using world = await ExampleWorld.open(options)
  const github = connect(world, world.clock, (input, init) => world.sandbox.fetch(input, init))
  return { world: options, plan: await world.clock.until(readPlan(github)) }
}

/** One process, from its begin to its end. */
export interface Life {
  /** The ending of the orchestration; null: the process was killed before it. */
  ending: Ending | null
  process: MortalProcess
}

/**
 * Runs the change in one process after another, each with its own fault, until one lives to the end; the last one has none.
 * @param afterKill the events after each kill, while no process drives the orchestration
 */
export async function liveOn(
  world: ExampleWorld,
  disk: JournalDisk,
  { plan }: Example,
  faultsByProcess: readonly ProcessFaults[],
  afterKill: () => Promise<unknown> = () => Promise.resolve(),
): Promise<Life[]> {
  const lives: Life[] = []
  disk.clear()
  for (const faults of [...faultsByProcess, {}]) {
    const life = await liveOnce(world, disk, plan, faults)
    lives.push(life)
    if (life.ending) return lives
    await afterKill()
  }
  throw new Error('the last process was killed, although nothing was to happen to it')
}

/** Runs the change, or resumes the journal on the disk, in one process. */
export async function liveOnce(
  world: ExampleWorld,
  disk: JournalDisk,
  plan: Plan,
  faults: ProcessFaults,
): Promise<Life> {
  const process = new MortalProcess(world.clock, (request) => world.sandbox.fetch(request), disk, faults)
  const events = await eventsOn(disk)
  const recorded = events.length > 0 ? fold(events).ending : null
  if (recorded) return { ending: recorded, process }
  const ended = await world.clock.until(Promise.race([driveToEnd(world, disk, plan, process, events), process.died]))
  return { ending: ended === 'killed' ? null : ended, process }
}

async function driveToEnd(
  world: ExampleWorld,
  disk: JournalDisk,
  plan: Plan,
  process: MortalProcess,
  events: readonly Event[],
): Promise<Ending> {
  const ports = portsOf(connect(world, process.clock, process.fetch), process.clock, process.journal)
  if (events.length === 0) {
    disk.clear()
    await process.append(journalLine(journalHeader(orchestrationId)), 'the first line')
  }
  return events.length > 0 ? goOn(ports, events) : beginAnew(ports, plan)
}

/** Begins the orchestration and drives it to its end. */
export function beginAnew(ports: Ports, plan: Plan): Promise<Ending> {
  const timeoutMs = 6 * 3_600_000
  const options = {
    failFast: true,
    maxParallel: null,
    timeoutMs,
    postStatus: true,
    only: null,
    link: address,
    ...noEarlierRuns,
  }
  return endingOf(drive(ports, { id: orchestrationId, plan, options }))
}

/** Resumes a journal. */
export function goOn(ports: Ports, events: readonly Event[]): Promise<Ending> {
  const orchestration = fold(events)
  return endingOf(resume(ports, orchestration))
}

async function endingOf({ finished }: ReturnType<typeof drive>): Promise<Ending> {
  const { ending } = await finished
  if (!ending) throw new Error('the orchestration finished without an ending')
  return ending
}

export function portsOf(github: Host, clock: Clock, journal: Journal): Ports {
  return { github, clock, journal, reporter: { report: () => undefined, close: () => Promise.resolve() } }
}

/** The real adapter, for one process. */
export function connect(world: ExampleWorld, clock: Clock, send: typeof fetch): Host {
  const { token } = world.sandbox
  return createGitHub({
    apiUrl: `${address}/api/v3`,
    token: fixedToken(token),
    clock,
    random: seededRandom(7),
    fetch: send,
    keepsLimits: false,
  })
}

/** Every whole event of the journal; none where the process died before the first one was whole. */
export async function eventsOn(disk: JournalDisk): Promise<readonly Event[]> {
  const reading = await disk.read(orchestrationId)
  if (reading.kind === 'read') return reading.events
  // The first line is missing or torn: the process died before it could do anything.
  if (reading.kind === 'absent' || (reading.kind === 'damaged' && reading.problem === 'it has no first line')) return []
  throw new Error(`the journal cannot be read any more: ${JSON.stringify(reading)}`)
}

/** Reads the change and plans it, as the command does before it starts an orchestration. */
export async function readPlan(github: Host): Promise<Plan> {
  const parsed = parseGraphFile(exampleGraph)
  if (!parsed.ok) throw new Error('the example graph is wrong')
  const { graph } = parsed
  const repositories = repositoriesOf(graph).map((repo) => ({ repo, workflows: ['build.yml'] }))
  const readings = await github.readChange({ branch, statusContext: graph.statusContext, repositories })
  const input = { graph, branch, readings, only: null, postStatus: true, readTriggers: readWorkflowTriggers }
  const planning = planChange(input)
  if (planning.kind !== 'planned') throw new Error(`the change cannot be planned: ${JSON.stringify(planning)}`)
  return planning.plan
}
