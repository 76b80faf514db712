import type { PendingDeployment } from '../../workflow-run.js'

/**
 * What a run waits for, as a clause that follows "waits": `for the approval of the environment production by alice or team ops`.
 * @param deployments null: not known
 */
export function describeAwaited(deployments: readonly PendingDeployment[] | null): string {
  if (deployments === null || deployments.length === 0) return 'for an approval'
  return deployments.map(describeDeployment).join(', and ')
}

function describeDeployment({ environment, reviewers, timerEndsAt }: PendingDeployment): string {
  const timer = timerEndsAt === null ? null : `until ${new Date(timerEndsAt).toISOString().replace(/\.\d{3}Z$/u, 'Z')}`
  if (reviewers.length > 0) {
    const approval = `for the approval of the environment ${environment} by ${eitherOf(reviewers)}`
    return timer === null ? approval : `${approval} and for its wait timer ${timer}`
  }
  const rule = timer === null ? 'protection rules' : 'wait timer'
  return [`for the ${rule} of the environment ${environment}`, ...(timer === null ? [] : [timer])].join(' ')
}

/** `alice`, `alice or bob`, `alice, bob or team ops`. */
export function eitherOf(names: readonly string[]): string {
  const last = names.at(-1) ?? ''
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} or ${last}`
}

/** Everyone who may approve one of the deployments, each once. */
export function reviewersOf(deployments: readonly PendingDeployment[] | null): string[] {
  return [...new Set(deployments?.flatMap(({ reviewers }) => reviewers) ?? [])]
}
