import { failureText } from '../../lib/failure-text.js'
import type { Ending, Orchestration, OrchestrationOutcome } from '../../model/build/orchestration.js'
import type { EventBody } from '../../model/build/events.js'
import { isDenied, type Failure } from '../../model/failure.js'
import { repoKey } from '../../model/repo-name.js'
import type { Clock } from '../../ports/clock.js'
import type { CheckRunContent, Checks } from '../../ports/host/checks.js'
import type { Timed } from '../../ports/journal.js'
import type { Reporter } from '../../ports/reporter.js'
import { renderCheckRun } from '../../report/github-actions/check-run-text.js'
import type { Log } from '../operations/log.js'

export interface CheckRunReporterOptions {
  host: Checks
  clock: Clock
  log: Log
}

/** Every head has a check run of this name. */
export const checkRunName = 'orch'

/** How often the check runs of an orchestration in progress are updated at most, ms: each update is a write for each head. */
const updateEveryMs = 60_000
/** How long the end of an orchestration waits for its check runs, ms. */
const closeTimeoutMs = 5_000

const conclusions: Record<OrchestrationOutcome, NonNullable<CheckRunContent['conclusion']>> = {
  succeeded: 'success',
  failed: 'failure',
  unknown: 'failure',
  'timed-out': 'failure',
  'partially-merged': 'failure',
  superseded: 'cancelled',
  cancelled: 'cancelled',
  held: 'neutral',
}

/** What the check runs show next. */
interface Snapshot {
  orchestration: Orchestration
  ending: Ending | null
  at: number
}

/**
 * Keeps a check run on each head of a change beside the status: the graph as a picture, and the failed log lines. It decides nothing, and a failure is
 * logged only. A process that takes an orchestration over writes new check runs, which GitHub shows in place of the old ones.
 */
export function createCheckRunReporter({ host, clock, log }: CheckRunReporterOptions): Reporter {
  const ids = new Map<string, number>()
  let updatedAt = -Infinity
  let next: Snapshot | null = null
  let writing: Promise<void> | null = null
  let isDisabled = false

  const note = (failure: Failure, repository: string): void => {
    // Without the permission, the other heads would fail too.
    if (isDenied(failure)) isDisabled = true
    log.warn({ repository, failure: failure.message }, 'A check run could not be written')
  }
  const writeOne = async (repo: string, headSha: string, snapshot: Snapshot): Promise<void> => {
    const key = `${repoKey(repo)}@${headSha}`
    const id = ids.get(key)
    const { orchestration, ending, at } = snapshot
    const conclusion = ending === null ? null : conclusions[ending.outcome]
    const content: CheckRunContent = { conclusion, ...renderCheckRun(orchestration, ending, at) }
    if (id !== undefined) {
      const updated = await host.updateCheckRun({ repo, id, ...content })
      if (!updated.ok) note(updated.failure, repo)
      return
    }
    const { link } = orchestration.options
    const about = { repo, headSha, name: checkRunName, externalId: orchestration.id, detailsUrl: link }
    const created = await host.createCheckRun({ ...about, ...content })
    if (created.ok) ids.set(key, created.value.id)
    else note(created.failure, repo)
  }
  const writeSnapshot = async (snapshot: Snapshot): Promise<void> => {
    for (const { repo, headSha } of snapshot.orchestration.plan.targets) {
      if (isDisabled) return
      await writeOne(repo, headSha, snapshot)
    }
  }
  // One round of writes at a time; what happens during it is in the next one.
  const writeAll = async (): Promise<void> => {
    while (next !== null && !isDisabled) {
      const snapshot = next
      next = null
      await writeSnapshot(snapshot)
    }
    writing = null
  }
  return {
    report: (event, orchestration) => {
      if (isDisabled || !orchestration.options.postStatus || !isShown(event, event.at - updatedAt)) return
      updatedAt = event.at
      next = { orchestration, ending: event.type === 'finished' ? event : null, at: event.at }
      writing ??= writeAll().catch((error: unknown) => {
        isDisabled = true
        log.error({ error: failureText(error) }, 'A check run could not be written')
      })
    },
    close: async () => {
      const written = new AbortController()
      const late = clock.sleep(closeTimeoutMs, written.signal)
      await Promise.race([writing ?? Promise.resolve(), late])
      written.abort()
    },
  }
}

/** Whether an event is shown at once: the end always, and in between the jobs that have settled, from time to time. */
function isShown(event: Timed<EventBody>, sinceUpdateMs: number): boolean {
  if (event.type === 'finished') return true
  if (sinceUpdateMs === Infinity) return true
  return event.type === 'job-settled' && sinceUpdateMs >= updateEveryMs
}
