import { exampleChange } from '../../sandbox/seed.js'
import type { DemoSteps } from './demo-steps.js'
import { StepFailed } from './demo-steps.js'

const branch = 'DPTA-1122'

/** The whole story of the demo: one change in two repositories, merged together or not at all. */
export async function playStory(steps: DemoSteps, owner: string): Promise<void> {
  steps.chapter('1. One change, two repositories')
  steps.explain('repoB (the basket) and repoD (the invoice) change together on one branch.')
  steps.explain('Neither works without the other.')
  for (const { name, files } of await exampleChange('change')) {
    await steps.git('.', ['clone', '--quiet', `$SANDBOX/${owner}/${name}.git`])
    await pushChange(steps, name, files, 'Orders carry their currency', true)
    await steps.api(
      'POST',
      `/repos/${owner}/${name}/pulls`,
      { title: 'Orders carry their currency', head: branch, base: 'main' },
      201,
    )
  }
  steps.chapter('2. Neither can be merged alone')
  await merge(steps, owner, 'repoB', 405)

  steps.chapter('3. orch builds the change in order, and unlocks it')
  steps.explain('repoA, repoC and repoE do not have the branch: they are skipped.')
  await steps.orch(['run', branch], 0)
  steps.explain('Both pull requests can be merged now:')
  await steps.orch(['status', branch], 0)

  steps.chapter('4. A push to repoB: what was tested is no longer what would be merged')
  await pushAll(steps, 'broken', 'Check the price list')
  await steps.orch(['invalidate', branch, '--reason', 'repoB changed'], 0)
  await merge(steps, owner, 'repoD', 405)

  steps.chapter('5. The new build ends by exit 1: the run stops, and both stay locked')
  await steps.orch(['run', branch], 1)
  await merge(steps, owner, 'repoB', 405)
  await merge(steps, owner, 'repoD', 405)

  steps.chapter('6. The fix, the run, the merges')
  await pushAll(steps, 'fixed', 'Remove the check')
  await steps.orch(['run', branch], 0)
  await merge(steps, owner, 'repoB', 200)
  await merge(steps, owner, 'repoD', 200)
}

async function pushAll(steps: DemoSteps, variant: 'broken' | 'fixed', message: string): Promise<void> {
  for (const { name, files } of await exampleChange(variant)) await pushChange(steps, name, files, message, false)
}

async function pushChange(
  steps: DemoSteps,
  repository: string,
  files: Readonly<Record<string, string>>,
  message: string,
  isNew: boolean,
): Promise<void> {
  if (isNew) await steps.git(repository, ['switch', '--quiet', '--create', branch])
  await steps.write(repository, files)
  await steps.git(repository, ['add', '--all'])
  await steps.git(repository, ['commit', '--quiet', '--message', message])
  await steps.git(repository, ['push', '--quiet', 'origin', branch])
}

async function merge(steps: DemoSteps, owner: string, repository: string, expectedStatus: 200 | 405): Promise<void> {
  const answer = await steps.api('PUT', `/repos/${owner}/${repository}/pulls/1/merge`, {}, expectedStatus)
  const isMerged = typeof answer === 'object' && answer !== null && 'merged' in answer && answer.merged === true
  if (isMerged !== (expectedStatus === 200))
    throw new StepFailed(`${repository}#1 should ${isMerged ? 'not ' : ''}be merged`)
}
