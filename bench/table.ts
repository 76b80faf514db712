import { serviceRows } from './service/service-rows.js'

/** One figure of the performance table, with its bound. */
export interface Row {
  id: string
  /** Description of the measured work. */
  work: string
  unit: '' | 's' | 'ms' | 'MB' | 'requests' | '/s' | 'ms/s'
  /** Maximum; null if the figure is shown only for comparison, or cannot be measured yet. */
  bound: number | null
  /** The statistic over the runs that is compared with the bound. */
  by: 'median' | 'mean' | 'max'
  /** `virtual`: the command runs in this process on a virtual clock. `none`: the measurement does not depend on time. */
  time: 'real' | 'virtual' | 'none'
  /** `design`: the bound is from the table of the design. `beside`: it is an additional bound. */
  from: 'design' | 'beside'
  /** Measured only when it is selected by its own name or group, because it takes long. */
  isOnRequest?: true
}

const requests = { unit: 'requests', by: 'max', time: 'virtual' } as const

/** Every row, in display order. */
export const rows = [
  {
    id: 'version',
    work: '`orch --version` over a bare `node -e 0`',
    unit: '',
    bound: 1.5,
    by: 'median',
    time: 'real',
    from: 'design',
  },
  {
    id: 'first-request',
    work: '`orch run` to its first request, over a bare `node -e 0`',
    unit: '',
    bound: 3.0,
    by: 'median',
    time: 'real',
    from: 'design',
  },
  {
    ...requests,
    id: 'plan-100-requests',
    work: 'plan of 100 repositories: requests',
    bound: 4,
    time: 'real',
    from: 'design',
  },
  {
    ...requests,
    id: 'plan-1000-requests',
    work: 'plan of 1,000 repositories: requests',
    bound: 40,
    time: 'real',
    from: 'design',
  },
  {
    ...requests,
    id: 'build-20s-no-status-requests',
    work: 'one 20 s build with `--no-status`: requests that count',
    bound: 7,
    from: 'design',
  },
  {
    ...requests,
    id: 'build-20s-requests',
    work: 'one 20 s build with its statuses: requests that count',
    bound: 12,
    from: 'design',
  },
  {
    ...requests,
    id: 'build-1h-requests',
    work: 'one build of an hour with its statuses: requests that count',
    bound: 20,
    from: 'design',
  },
  {
    id: 'build-20s-lateness',
    work: 'from the end of a 20 s build to `success`, nothing known of it before',
    unit: 's',
    bound: 1,
    by: 'mean',
    time: 'real',
    from: 'design',
  },
  {
    id: 'hundred-memory',
    work: '100 builds of 20 s in one process: peak memory',
    unit: 'MB',
    bound: 90,
    by: 'median',
    time: 'real',
    from: 'design',
  },
  {
    id: 'hundred-cpu',
    work: '100 builds of 20 s in one process: CPU time',
    unit: 's',
    bound: 1.5,
    by: 'median',
    time: 'real',
    from: 'design',
  },
  {
    ...requests,
    id: 'watch-hour-requests',
    work: '100 running builds watched for an hour: requests',
    bound: 300,
    from: 'design',
  },
  {
    id: 'makespan',
    work: 'makespan over the critical path, the example graph with builds of 20 s',
    unit: '',
    bound: 1.05,
    by: 'median',
    time: 'virtual',
    from: 'design',
  },
  {
    id: 'makespan-known',
    work: 'the same with known durations',
    unit: '',
    bound: 1.05,
    by: 'median',
    time: 'virtual',
    from: 'design',
  },
  {
    id: 'plan-1000-cpu',
    work: 'plan of 1,000 repositories: CPU time',
    unit: 's',
    bound: 0.8,
    by: 'median',
    time: 'real',
    from: 'design',
  },
  {
    id: 'plan-1000-memory',
    work: 'plan of 1,000 repositories: peak memory',
    unit: 'MB',
    bound: 120,
    by: 'median',
    time: 'real',
    from: 'design',
  },
  {
    id: 'histories',
    work: 'random histories that broke a law, of the sample simulated here (`npm test` simulates 20,000)',
    unit: '',
    bound: 0,
    by: 'max',
    time: 'none',
    from: 'design',
  },
  {
    id: 'tests',
    work: '`npm test` on two idle cores',
    unit: 's',
    bound: 300,
    by: 'median',
    time: 'real',
    from: 'design',
  },
  {
    id: 'tests-fast',
    work: '`npm run test:fast` on two idle cores',
    unit: 's',
    bound: 60,
    by: 'median',
    time: 'real',
    from: 'design',
  },
  {
    id: 'build-20s-known-lateness',
    work: 'from the end of a 20 s build to `success`, its usual duration known',
    unit: 's',
    bound: 1,
    by: 'median',
    time: 'real',
    from: 'beside',
  },
  {
    ...requests,
    id: 'build-5min-requests',
    work: 'one 5 min build: requests that count',
    bound: 25,
    from: 'beside',
  },
  {
    id: 'build-5min-lateness',
    work: 'one 5 min build: from its end to `success`',
    unit: 's',
    bound: 2,
    by: 'median',
    time: 'virtual',
    from: 'beside',
  },
  {
    ...requests,
    id: 'hundred-5min-requests',
    work: '100 builds of 5 min at once: requests',
    bound: 750,
    from: 'beside',
  },
  {
    id: 'hundred-statuses',
    work: "100 statuses posted: time over what GitHub's documented limits require",
    unit: '',
    bound: 1,
    by: 'median',
    time: 'virtual',
    from: 'beside',
  },
  {
    ...requests,
    id: 'second-run-requests',
    work: 'second run of an unchanged change of 100 repositories: requests',
    bound: 6,
    from: 'beside',
  },
  {
    ...requests,
    id: 'second-run-writes',
    work: 'the same: dispatches and statuses',
    bound: 0,
    from: 'beside',
  },
  {
    id: 'engine-time',
    work: "the engine's own CPU time for an event: 10,000 jobs over 100 jobs, a random graph",
    unit: '',
    bound: 2,
    by: 'max',
    time: 'none',
    from: 'beside',
  },
  {
    id: 'engine-memory',
    work: "the engine's memory for each 1,000 of 10,000 jobs, a random graph",
    unit: 'MB',
    bound: null,
    by: 'max',
    time: 'none',
    from: 'beside',
  },
  {
    id: 'scale-cpu',
    work: 'plan, run with 10 ms builds, invalidate, embedded GitHub included: CPU for a repository, 400 over 40 of them',
    unit: '',
    bound: 2,
    by: 'max',
    time: 'virtual',
    from: 'beside',
  },
  ...serviceRows,
] as const satisfies readonly Row[]

export type RowId = (typeof rows)[number]['id']

/** The rows without their literal types. */
export const allRows: readonly (Row & { id: RowId })[] = rows

/** Selects rows by a name or by what names begin with: `tests` selects `tests` and `tests-fast`. Rows on request need a group of their own. */
export function rowsOf(group: string): RowId[] {
  const found = allRows.filter(({ id }) => id === group || id.startsWith(`${group}-`))
  const usual = found.filter(({ isOnRequest }) => isOnRequest !== true)
  return (usual.length > 0 ? usual : found).map(({ id }) => id)
}

/** Whether a row is measured when these are selected; none: all but those on request. */
export function isSelected(id: RowId, only: readonly string[]): boolean {
  return only.length === 0 ? allRows.some((row) => row.id === id && row.isOnRequest !== true) : only.includes(id)
}
