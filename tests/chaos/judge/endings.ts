import type { Evidence, Line, SeenRun } from '../evidence.js'

/** Processes that had not ended after the time that all documented deadlines together allow. */
export function hangs({ lines }: Evidence): string[] {
  return lines.flatMap(({ name, processes }) =>
    processes.filter(({ isHung }) => isHung).map(({ command }) => `orch ${command} of ${name} did not end`),
  )
}

/**
 * Runs that a line dispatched and forgot: its last process ended by itself, no answer to the line showed the run as completed,
 * the output of that process does not name it (by its link, or as a job whose run may exist), and it was not cancelled.
 */
export function lostRuns(evidence: Evidence): string[] {
  return evidence.lines.flatMap((line) => {
    const last = line.processes.at(-1)
    if (last === undefined || last.code === null) return []
    return evidence.runs
      .filter((run) => run.line === line.name)
      .filter((run) => !run.isCancelAsked && !isNamed(run, last.output) && !wasSeenCompleted(evidence, line, run))
      .map(
        (run) =>
          `run ${run.id} of ${run.repo}, dispatched by ${line.name}, is ${run.conclusion ?? 'going on'} and nobody says so`,
      )
  })
}

function isNamed({ id, repo }: SeenRun, output: string): boolean {
  const unknown = new RegExp(`^\\S+ ${repo} +(unknown|searching|lost|left running)`, 'mu')
  return output.includes(`/actions/runs/${id}`) || unknown.test(output)
}

function wasSeenCompleted({ exchanges }: Evidence, { name }: Line, { id }: SeenRun): boolean {
  return exchanges.some(({ line, completedRuns }) => line === name && completedRuns.includes(id))
}
