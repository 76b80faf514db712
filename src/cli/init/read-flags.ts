import type { RepositoryChoice } from '../../app/init/choose-repositories.js'
import { stop, usageProblem } from '../../app/problem.js'
import type { Problem, Result } from '../../app/problem.js'
import { compilePattern } from '../../model/branch-pattern.js'
import { ownerProblem, repositoryProblem } from '../../model/repo-name.js'
import type { InitFlags } from '../commands/init.js'
import { splitList } from '../flags/split-list.js'

/** What the flags of `orch init` name. */
export interface ReadFlags {
  choice: RepositoryChoice
  branches: readonly string[] | null
}

/** All problems of the flags at once. */
export function readInitFlags(flags: InitFlags): Result<ReadFlags> {
  const { owner, repos, fromOrg, topic, branches } = flags
  const names = repos === undefined ? null : splitList(repos)
  const patterns = branches === undefined ? null : splitList(branches)
  const from = fromOrg === undefined ? null : readFrom(fromOrg, topic)
  const problems = [
    ...togetherProblems(flags),
    ...(owner === undefined ? [] : ownerProblems('--owner', owner)),
    ...(from === null ? [] : [...ownerProblems('--from-org', from.owner), ...globProblems(from.glob)]),
    ...namesProblems(names),
    ...branchesProblems(patterns),
  ]
  if (problems.length > 0) return { ok: false, problems }
  return { ok: true, value: { choice: { owner: owner ?? null, names, from }, branches: patterns } }
}

/** `--demo` takes the repositories and the branches of the example. */
export function checkDemoFlags({ owner, repos, fromOrg, topic, branches, dryRun, yes }: InitFlags): Result<null> {
  const given = { owner, repos, 'from-org': fromOrg, topic, branches, 'dry-run': dryRun, yes }
  const extra = Object.entries(given).find(([, value]) => value !== undefined)
  if (!extra) return { ok: true, value: null }
  const why = 'the playground has repositories and branches of its own'
  return stop(usageProblem(`--demo cannot be used with --${extra[0]}`, why, `Leave --${extra[0]} out.`))
}

/** `owner` or `owner/glob` */
function readFrom(text: string, topic: string | undefined): NonNullable<RepositoryChoice['from']> {
  const slash = text.indexOf('/')
  const [owner, glob] = slash < 0 ? [text, null] : [text.slice(0, slash), text.slice(slash + 1)]
  return { owner, glob: glob === '' ? null : glob, topic: topic ?? null }
}

function togetherProblems({ owner, repos, fromOrg, topic }: InitFlags): Problem[] {
  const problems: Problem[] = []
  const add = (message: string, why: string, remedy: string): number =>
    problems.push(usageProblem(message, why, remedy))
  if (fromOrg !== undefined && repos !== undefined) {
    add('--from-org and --repos both choose the repositories', 'only one of them can', 'Leave one of them out.')
  } else if (fromOrg !== undefined && owner !== undefined) {
    add('--from-org and --owner both name the owner', 'only one of them can', 'Leave --owner out.')
  }
  if (topic !== undefined && fromOrg === undefined) {
    add('--topic needs --from-org', 'it chooses among the repositories of an owner', 'Add --from-org OWNER.')
  }
  return problems
}

function ownerProblems(flag: string, owner: string): Problem[] {
  const problem = ownerProblem(owner)
  if (problem === undefined) return []
  return [
    usageProblem(
      `${flag} ${owner} is not a valid user or organization`,
      problem,
      'Write its name as in its address on GitHub.',
    ),
  ]
}

function globProblems(glob: string | null): Problem[] {
  const compiled = glob === null ? null : compilePattern(glob)
  if (compiled === null || compiled.ok) return []
  return [usageProblem(`${glob ?? ''} is not a valid pattern of names`, compiled.problem, "Write it like 'shop-*'.")]
}

function namesProblems(names: readonly string[] | null): Problem[] {
  if (names?.length === 0) {
    return [usageProblem('--repos names no repository', 'it is empty', 'Write the names with commas: lib,api')]
  }
  return (names ?? []).flatMap((name) => {
    const [owner, repository] = name.includes('/')
      ? [name.slice(0, name.indexOf('/')), name.slice(name.indexOf('/') + 1)]
      : [undefined, name]
    const problem = (owner === undefined ? undefined : ownerProblem(owner)) ?? repositoryProblem(repository)
    if (problem === undefined) return []
    return [usageProblem(`${name} is not a valid repository`, problem, 'Write name or owner/name, not an address.')]
  })
}

function branchesProblems(patterns: readonly string[] | null): Problem[] {
  if (patterns === null) return []
  if (patterns.every((pattern) => pattern.startsWith('!'))) {
    const why = 'a pattern with a leading ! only excludes what an earlier one matched'
    return [usageProblem('--branches matches no branch', why, "Add a pattern such as 'PAY-*'.")]
  }
  return patterns.flatMap((pattern) => {
    const compiled = compilePattern(pattern)
    if (compiled.ok) return []
    return [usageProblem(`${pattern} is not a valid branch pattern`, compiled.problem, "Write it like 'PAY-*'.")]
  })
}
