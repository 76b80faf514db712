import type { ExampleWorld } from './example-world.js'
import { branch, needsOf } from './example-world.js'

/** The part of GitHub's state that two runs of the same change must agree on, regardless of their durations. */
export interface GitHubSide {
  /** `repoB 1a2b3c4 success` for each workflow run, by repository. */
  runs: string[]
  /** `repoB 1a2b3c4 success`: the newest status of each head, by repository. */
  statuses: string[]
}

/** GitHub's state after everything on it has ended. */
export async function githubSide(world: ExampleWorld): Promise<GitHubSide> {
  await world.clock.until(world.sandbox.admin.idle())
  const runs = runsOf(world).map(({ name, headSha, conclusion }) => `${name} ${headSha.slice(0, 7)} ${conclusion}`)
  const statuses = [...world.heads].map(([name, sha]) => `${name} ${sha.slice(0, 7)} ${newestState(world, name, sha)}`)
  return { runs: runs.sort(), statuses: statuses.sort() }
}

/** The laws that GitHub's state breaks, one sentence each; empty: none. */
export function brokenLaws(world: ExampleWorld): string[] {
  return [...secondRuns(world), ...wrongOrder(world), ...wrongSuccess(world), ...unendedRuns(world)]
}

export interface Run {
  name: string
  headSha: string
  createdAt: number
  endedAt: number
  conclusion: string
}

export function runsOf(world: ExampleWorld): Run[] {
  return world.sandbox.admin.runs().flatMap(({ repository, headSha, createdAt, attempts }) =>
    attempts.map(({ updatedAt, conclusion }) => ({
      name: repository.replace('acme/', ''),
      headSha,
      createdAt,
      endedAt: conclusion === null ? Infinity : updatedAt,
      conclusion: conclusion ?? 'none',
    })),
  )
}

function statusesOf(world: ExampleWorld, name: string, sha: string): { state: string; createdAt: number }[] {
  const statuses = world.sandbox.admin.statuses(`acme/${name}`, sha)
  return statuses.filter(({ context }) => context === 'orchestrator-build')
}

function newestState(world: ExampleWorld, name: string, sha: string): string {
  return statusesOf(world, name, sha).at(-1)?.state ?? 'none'
}

/** Law 2. */
function secondRuns(world: ExampleWorld): string[] {
  const runs = runsOf(world)
  return Object.keys(needsOf).flatMap((name) => {
    const own = runs.filter((run) => run.name === name)
    const strange = own.filter(({ headSha }) => headSha !== world.heads.get(name))
    return [
      ...(own.length > 1 ? [`${name} has ${own.length} runs of ${branch}`] : []),
      ...strange.map(({ headSha }) => `${name} was built at ${headSha}, not at its head`),
    ]
  })
}

function wrongOrder(world: ExampleWorld): string[] {
  const runs = runsOf(world)
  // A job that depends on a repository without the branch depends on the dependencies of that repository.
  const before = (name: string): string[] =>
    (needsOf[name] ?? []).flatMap((need) => (world.heads.has(need) ? [need] : before(need)))
  return runs.flatMap(({ name, createdAt }) =>
    before(name)
      .filter((need) => !runs.some((run) => run.name === need && run.endedAt <= createdAt))
      .map((need) => `${name} was started before ${need} had ended`),
  )
}

/** Law 1: success only after every build succeeded, and at the end on all heads or on none. */
function wrongSuccess(world: ExampleWorld): string[] {
  const runs = runsOf(world)
  const allBuilt = [...world.heads.keys()].every((name) =>
    runs.some((run) => run.name === name && run.conclusion === 'success'),
  )
  const lastEnd = Math.max(0, ...runs.map(({ endedAt }) => endedAt))
  const tooEarly = [...world.heads].flatMap(([name, sha]) =>
    statusesOf(world, name, sha)
      .filter(({ state, createdAt }) => state === 'success' && (!allBuilt || createdAt < lastEnd))
      .map(() => `success was posted on ${name} before everything was built`),
  )
  const green = [...world.heads].filter(([name, sha]) => newestState(world, name, sha) === 'success')
  const isMixed = green.length > 0 && green.length < world.heads.size
  return [...tooEarly, ...(isMixed ? [`only ${green.map(([name]) => name).join(', ')} ended unlocked`] : [])]
}

function unendedRuns(world: ExampleWorld): string[] {
  return runsOf(world).flatMap(({ name, endedAt }) => (endedAt === Infinity ? [`the run of ${name} never ended`] : []))
}
