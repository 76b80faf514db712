/** The version of the events that this code writes, and the only one that it folds. */
export const eventVersion = 2

/** A journal record as JSON, of any version: its fields are not checked yet. */
export type JournalRecord = Readonly<Record<string, unknown>>

/** By version: turns a record of that version into one of the next. */
const upcasters: Readonly<Record<number, (record: JournalRecord) => JournalRecord>> = {
  1: renameValues,
}

/**
 * A record of an older version, as the current version writes it. A record that is not what its version writes is returned as it is:
 * the fold refuses it, as it does for a damaged record of the current version.
 */
export function upcast(version: number, record: JournalRecord): JournalRecord {
  let current = record
  for (let from = version; from < eventVersion; from += 1) {
    const step = upcasters[from]
    if (!step) throw new Error(`there is no upcaster for version ${from} of the journal`)
    current = step(current)
  }
  return current
}

/** Version 2 renamed two values: the outcome `left` to `left-running`, and the planned action `leave` to `exclude`. */
function renameValues(record: JournalRecord): JournalRecord {
  if (record.type === 'job-settled' && record.outcome === 'left') return { ...record, outcome: 'left-running' }
  if (record.type !== 'started' || !isObject(record.plan) || !Array.isArray(record.plan.jobs)) return record
  const jobs = record.plan.jobs.map((job: unknown) =>
    isObject(job) && job.action === 'leave' ? { ...job, action: 'exclude' } : job,
  )
  return { ...record, plan: { ...record.plan, jobs } }
}

function isObject(value: unknown): value is JournalRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
