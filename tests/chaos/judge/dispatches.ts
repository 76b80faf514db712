import type { Evidence, SeenRun } from '../evidence.js'

/**
 * Two workflow runs for one attempt of one job. Without the marker: two runs of one repository from the dispatches of one line, because
 * no line of the campaign runs a job again. With it: two runs of any lines whose titles carry the same marker; or two attempts at
 * the same build for the same origin, of which the later one began before the earlier had ended without success.
 */
export function doubleDispatches({ lines, runs }: Evidence): string[] {
  const byLine = lines.flatMap(({ name }) => {
    const own = runs.filter(({ line }) => line === name)
    return repeated(own, ({ repo }) => repo).map(
      ([repo, of]) => `${name} dispatched ${repo} ${of.length} times: ${idsOf(of)}`,
    )
  })
  const marked = runs.flatMap((run) => {
    const [, marker] = /\[orch:(\S+)\]/u.exec(run.title) ?? []
    return marker === undefined ? [] : [{ run, marker }]
  })
  const byMarker = repeated(marked, ({ marker }) => marker).map(
    ([marker, of]) => `${of.length} runs carry the marker ${marker}: ${idsOf(of.map(({ run }) => run))}`,
  )
  const byBuild = repeated(marked, ({ marker }) => withoutAttempt(marker)).flatMap(([build, of]) =>
    of.slice(1).flatMap(({ run }, index) => {
      const before = of[index]?.run
      if (before === undefined || hasFailedBefore(before, run)) return []
      return [`run ${run.id} of ${build} was dispatched although run ${before.id} had not ended without success`]
    }),
  )
  return [...byLine, ...byMarker, ...byBuild]
}

function hasFailedBefore(before: SeenRun, run: SeenRun): boolean {
  return before.completedAt !== null && before.completedAt <= run.createdAt && before.conclusion !== 'success'
}

/** `<origin>.<job>.<attempt>.<fingerprint>` */
function withoutAttempt(marker: string): string {
  const [origin = '', job = '', , fingerprint = ''] = marker.split('.')
  return [origin, job, fingerprint].join('.')
}

function repeated<T>(items: readonly T[], keyOf: (item: T) => string): [string, T[]][] {
  const groups = new Map<string, T[]>()
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item])
  return [...groups].filter(([, of]) => of.length > 1)
}

function idsOf(runs: readonly SeenRun[]): string {
  return runs.map(({ id }) => id).join(', ')
}
