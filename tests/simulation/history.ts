import fc from 'fast-check'

/** One random history. These values determine it completely, so that it can be replayed. */
export interface History {
  seed: number
  jobs: number
  density: number
  maxParallel: number | null
  failFast: boolean
  trouble: 'none' | 'some' | 'much'
  disturbance: (typeof disturbances)[number]
  /** The longest time that the journal needs for an event, ms. */
  journalDelay: number
  timeoutMinutes: number
  /** How often the process is killed and another one resumes. */
  crashes: number
  /** How often a failed run of a job is re-run. */
  retries: number
  /**
   * What earlier orchestrations left: `nothing`, so that everything is built; `records`, true ones and forged ones; `unlocked`: true ones on all
   * heads, with true and forged successes. Left out: as before there were records, none is read or written.
   */
  earlier?: 'nothing' | 'records' | 'unlocked'
  /**
   * What prevents the merge of the set: a draft, a conflict with the base, a mergeability that GitHub does not know, all of these in
   * turn, one of them while success is posted, or a member without a pull request where the graph file holds the others. Left out: nothing.
   */
  obstacle?: 'draft' | 'conflict' | 'unknown' | 'comes-and-goes' | 'at-success' | 'missing'
  /**
   * `sparse`: the whole change is read in one answer, and a run at an eighth of its age. Left out: each repository answers by itself, and
   * runs are read as often as the adapter reads them, which takes most of the time of a history.
   */
  readings?: 'sparse'
  /** Whether builds fail at first, and a person re-runs failed runs on GitHub. Left out: nobody does. */
  rerunsByHand?: true
  /** Whether a job whose dispatch left no run is dispatched once more. Left out: it is not. */
  onLostDispatch?: 'dispatch-again'
  /**
   * Half of the runs wait for an approval, before they are in progress or in the middle of it, for minutes, hours or without end. `limited`:
   * the jobs have an approval timeout. Left out: no run waits.
   */
  approvals?: 'unlimited' | 'limited'
  /** Every other job builds the default branch where its repository does not have the branch. Left out: none does. */
  withoutBranch?: 'build'
}

const disturbances = [
  'none',
  'move',
  'appear',
  'default-moves',
  'invalidate',
  'close',
  'open',
  'open-at-success',
  'reopen',
  'merge',
  'merge-and-move',
  'retarget',
  'retarget-and-merge',
  'take-over',
  'foreign-status-at-success',
  'interrupt',
  'full-disk',
  'cut-off',
  'no-cancel',
] as const

const obstacles = ['draft', 'conflict', 'unknown', 'comes-and-goes', 'comes-and-goes', 'at-success', 'missing'] as const

/** A timeout that no history without troubles reaches, minutes. */
export const longTimeout = 120

/** A value several times, so that it is drawn more often than the others. */
function frequent<Value extends string>(value: Value, times: number): Value[] {
  return Array.from({ length: times }, () => value)
}

export interface HistoryRange {
  first: number
  last: number
  mostJobs?: number
}

/** Histories with a seed from `first` to `last` and up to `mostJobs` jobs. */
export function anyHistory({ first, last, mostJobs = 9 }: HistoryRange): fc.Arbitrary<History> {
  return fc.record<History>({
    // Shrinking or weighting seeds is useless: a smaller seed is not a simpler history, and all seeds are equally likely to find a bug.
    seed: fc.noShrink(fc.noBias(fc.integer({ min: first, max: last }))),
    jobs: fc.integer({ min: 1, max: mostJobs }),
    density: fc.double({ min: 0, max: 1, noNaN: true }),
    maxParallel: fc.option(fc.integer({ min: 1, max: 4 })),
    failFast: fc.boolean(),
    trouble: fc.constantFrom('none', 'some', 'much'),
    disturbance: fc.constantFrom('none', ...disturbances, 'interrupt'),
    journalDelay: fc.constantFrom(0, 5, 60),
    timeoutMinutes: fc.constantFrom(20, longTimeout),
    crashes: fc.constantFrom(0, 0, 0, 1, 2),
    retries: fc.constantFrom(0, 0, 1, 2),
    earlier: fc.constantFrom('nothing', 'records', 'records', 'unlocked'),
    obstacle: fc.constantFrom(undefined, undefined, undefined, ...obstacles),
    readings: fc.constantFrom(...frequent('sparse', 7), undefined),
    rerunsByHand: fc.constantFrom(undefined, undefined, undefined, true),
    onLostDispatch: fc.constantFrom(undefined, 'dispatch-again'),
    approvals: fc.constantFrom(undefined, undefined, 'unlimited', 'limited'),
    withoutBranch: fc.constantFrom(undefined, undefined, 'build'),
  })
}
