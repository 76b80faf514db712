import type { Ended, Evidence, Exchange, Line, SeenStatus } from '../evidence.js'

/**
 * Successes that law 1 forbids. "One read's staleness" is applied literally: a line may believe any state that its last reading before a post
 * could have shown, given the maximal age of answers. After its last post it must read again before it ends with 0.
 */
export function wrongSuccesses(evidence: Evidence): string[] {
  const changes = new Changes(evidence)
  return [
    ...evidence.lines.flatMap((line) => changes.judgeLine(line)),
    ...evidence.lines.flatMap(({ name, processes }) =>
      processes
        .filter(({ code }) => code === 0)
        .flatMap(({ endedAt }) => changes.differingSets(endedAt, `when ${name} ended`)),
    ),
    ...changes.differingSets(Infinity, 'at the end'),
  ]
}

class Changes {
  readonly #evidence: Evidence

  constructor(evidence: Evidence) {
    this.#evidence = evidence
  }

  judgeLine(line: Line): string[] {
    const marks = new Set(this.#exchanges(line).flatMap(({ mark }) => mark ?? []))
    const own = this.#evidence.statuses.filter(({ description }) => marks.has(markOf(description)))
    const successes = own.filter(({ state }) => state === 'success')
    return [...successes.flatMap((success) => this.#judgePost(line, own, success)), ...this.#judgeEnd(line, successes)]
  }

  /** Checks that a success was posted on a state that the line could still believe to be tested and its own. */
  #judgePost(line: Line, own: readonly SeenStatus[], success: SeenStatus): string[] {
    const what = `${line.name} posted success on ${success.repo}`
    const claim = own.findLast((each) => each.state === 'pending' && each.id < success.id && isSamePlace(each, success))
    if (claim === undefined) return [`${what} without its pending before`]
    const looked = this.#lastRead(line, statusOf(success), -Infinity, success.at)
    if (looked === null) return [`${what} without reading its statuses`]
    const strangers = this.#strangers(own, success, claim.id, success.id).filter(
      ({ at }) => at < looked - this.#stalest,
    )
    const built = this.#lastBuilt(line, success.at)
    return [
      ...(looked < built ? [`${what} without reading its statuses after the last build`] : []),
      ...strangers.map(({ description }) => `${what} over "${description}"`),
      ...this.#repos().flatMap((repo) => {
        const read = this.#lastRead(line, branchOf(repo), -Infinity, success.at)
        if (read === null) return [`${what} without reading the branch of ${repo}`]
        if (read < built) return [`${what} without reading the branch of ${repo} after the last build`]
        const heads = this.#headsBetween(repo, read - this.#stalest, success.at)
        if (repo === success.repo && !heads.includes(success.sha))
          return [`${what}, whose head had moved before it was last read`]
        if (heads.some((sha) => sha === null || this.#isBuilt(repo, sha, success.at))) return []
        return [`${what} although ${repo} was not built successfully at the head that was last read`]
      }),
    ]
  }

  /** Checks that a line that ended left no success that it may not leave. */
  #judgeEnd(line: Line, successes: readonly SeenStatus[]): string[] {
    const last = line.processes.at(-1)
    if (last === undefined || last.code === null || last.command === 'invalidate') return []
    if (last.code !== 0) return this.#leftBehind(line, last, successes)
    // A change that was built and unlocked before is only read.
    if (successes.length === 0 && this.#evidence.pulls.every((repo) => this.#isUnlocked(repo, last.endedAt))) return []
    const since = Math.max(...successes.map(({ at }) => at))
    const unposted = this.#evidence.pulls.filter((repo) => !successes.some((success) => success.repo === repo))
    return [
      ...unposted.map((repo) => `${line.name} ended with 0 without success on ${repo}`),
      ...successes.flatMap((success) => this.#judgeClosing(line, success, since)),
      ...this.#repos().flatMap((repo) => {
        const read = this.#lastRead(line, branchOf(repo), since, Infinity)
        if (read === null) return [`${line.name} ended with 0 without reading the branch of ${repo} after its success`]
        const posted = successes.filter((success) => success.repo === repo).map(({ sha }) => sha)
        const heads = this.#headsBetween(repo, read - this.#stalest, read)
        const isRight = (sha: string | null): boolean =>
          posted.length > 0
            ? sha !== null && posted.includes(sha)
            : sha === null || this.#isBuilt(repo, sha, last.endedAt)
        return heads.some(isRight)
          ? []
          : [`${line.name} ended with 0 although ${repo} had moved before its closing reading`]
      }),
    ]
  }

  #judgeClosing(line: Line, success: SeenStatus, since: number): string[] {
    const read = this.#lastRead(line, listingOf(success), since, Infinity)
    if (read === null)
      return [`${line.name} ended with 0 without reading the statuses of ${success.repo} after its success`]
    const marks = [markOf(success.description)]
    const own = this.#evidence.statuses.filter(({ description }) => marks.includes(markOf(description)))
    return this.#strangers(own, success, success.id, Infinity)
      .filter(({ at }) => at < read - this.#stalest)
      .map(({ description }) => `${line.name} ended with 0 over "${description}" on ${success.repo}`)
  }

  /** Successes of a line that did not succeed that are still the newest statuses and are not named in its output. */
  #leftBehind(line: Line, last: Ended, successes: readonly SeenStatus[]): string[] {
    return successes
      .filter((success) => this.#newest(success.repo, success.sha, last.endedAt)?.id === success.id)
      .filter(({ repo, sha }) => !new RegExp(`${repo}@${sha.slice(0, 7)}[^;]*may be unlocked`, 'u').test(last.output))
      .map(({ repo }) => `${line.name} ended with ${last.code ?? 'a signal'} and left its success on ${repo}`)
  }

  #isUnlocked(repo: string, at: number): boolean {
    const [head] = this.#headsBetween(repo, at, at)
    return typeof head === 'string' && this.#newest(repo, head, at)?.state === 'success'
  }

  /** Heads of open pull requests with successes for different sets at a given time. */
  differingSets(at: number, when: string): string[] {
    const digests = this.#evidence.pulls.flatMap((repo) => {
      const head = this.#headsBetween(repo, at, at)[0]
      const newest = typeof head === 'string' ? this.#newest(repo, head, at) : undefined
      return newest?.state === 'success' ? [/ set:(\S+)/u.exec(newest.description)?.[1] ?? 'no set'] : []
    })
    return new Set(digests).size > 1
      ? [`there were successes for different sets ${when}: ${[...new Set(digests)].join(', ')}`]
      : []
  }

  get #stalest(): number {
    return this.#evidence.stalestMs
  }

  #repos(): string[] {
    return [...new Set(this.#evidence.heads.map(({ repo }) => repo))]
  }

  #exchanges({ name }: Line): Exchange[] {
    return this.#evidence.exchanges.filter(({ line }) => line === name)
  }

  /** The arrival of the latest matching reading that arrived from `from` on and was answered until `until`; null: there is none. */
  #lastRead(line: Line, isIt: (each: Exchange) => boolean, from: number, until: number): number | null {
    const answered = [200, 304, 404]
    const reads = this.#exchanges(line).filter(
      (each) =>
        isIt(each) &&
        answered.includes(each.status ?? 0) &&
        each.arrivedAt >= from &&
        (each.answeredAt ?? Infinity) <= until,
    )
    return reads.length === 0 ? null : Math.max(...reads.map(({ arrivedAt }) => arrivedAt))
  }

  /** Every head that a repository had in an interval; null: no branch. */
  #headsBetween(repo: string, from: number, until: number): (string | null)[] {
    const heads = this.#evidence.heads.filter((head) => head.repo === repo && head.at <= until)
    const first = Math.max(
      0,
      heads.findLastIndex(({ at }) => at <= from),
    )
    return heads.slice(first).map(({ sha }) => sha)
  }

  #isBuilt(repo: string, sha: string, until: number): boolean {
    return this.#evidence.runs.some(
      (run) =>
        run.repo === repo &&
        run.headSha === sha &&
        run.conclusion === 'success' &&
        (run.completedAt ?? Infinity) <= until,
    )
  }

  /** The time from which on all heads that a line had read until a given time were built successfully. */
  #lastBuilt(line: Line, until: number): number {
    const times = this.#repos().map((repo) => {
      const read = this.#lastRead(line, branchOf(repo), -Infinity, until) ?? until
      const [head] = this.#headsBetween(repo, read, read)
      const builds = this.#evidence.runs.flatMap((run) =>
        run.repo === repo && run.headSha === head && run.conclusion === 'success' ? (run.completedAt ?? []) : [],
      )
      return Math.min(...builds)
    })
    return Math.max(0, ...times.filter((time) => time <= until))
  }

  #newest(repo: string, sha: string, until: number): SeenStatus | undefined {
    return this.#evidence.statuses.findLast((each) => each.repo === repo && each.sha === sha && each.at <= until)
  }

  /** Statuses of others on the commit of a status, between two ids. */
  #strangers(own: readonly SeenStatus[], place: SeenStatus, after: number, before: number): SeenStatus[] {
    return this.#evidence.statuses.filter(
      (each) => isSamePlace(each, place) && each.id > after && each.id < before && !own.includes(each),
    )
  }
}

function isSamePlace(one: SeenStatus, other: SeenStatus): boolean {
  return one.repo === other.repo && one.sha === other.sha
}

/** The id in `run:<id>` or `inv:<id>`. */
function markOf(description: string): string {
  return /^(?:run|inv):([a-z0-9]+)/u.exec(description)?.[1] ?? description
}

/** A reading of the branch: by a query for the change, or over the REST API. */
function branchOf(repo: string): (each: Exchange) => boolean {
  const path = new RegExp(`/${repo}/git/(ref|matching-refs)/heads/DPTA-1122$`, 'u')
  return ({ method, path: asked, asked: repos }) => repos.includes(repo) || (method === 'GET' && path.test(asked))
}

/** A reading of the newest status, which a query for the change contains too. */
function statusOf(place: SeenStatus): (each: Exchange) => boolean {
  const isListing = listingOf(place)
  return (each) => each.asked.includes(place.repo) || isListing(each)
}

/** A reading of all statuses. */
function listingOf({ repo, sha }: SeenStatus): (each: Exchange) => boolean {
  const path = new RegExp(`/${repo}/commits/${sha}/statuses$`, 'u')
  return ({ method, path: asked }) => method === 'GET' && path.test(asked)
}
