import { exampleChange } from '../../sandbox/seed.js'
import type { Stage } from './stage.js'
import { StoryBroken } from './stage.js'

const branch = 'DPTA-1122'

/** The mission's story from start to end: one change in two repositories, merged together or not at all. */
export async function tellStory(stage: Stage, owner: string): Promise<void> {
  stage.chapter('1. One change, two repositories')
  stage.say('repoB (the basket) and repoD (the invoice) change together on one branch.')
  stage.say('Neither works without the other.')
  for (const { name, files } of await exampleChange('change')) {
    await stage.git('.', ['clone', '--quiet', `$SANDBOX/${owner}/${name}.git`])
    await pushChange(stage, name, files, 'Orders carry their currency', true)
    await stage.api(
      'POST',
      `/repos/${owner}/${name}/pulls`,
      { title: 'Orders carry their currency', head: branch, base: 'main' },
      201,
    )
  }
  stage.chapter('2. Neither can be merged alone')
  await merge(stage, owner, 'repoB', 405)

  stage.chapter('3. orch builds the change in order, and unlocks it')
  stage.say('repoA, repoC and repoE do not have the branch: they are skipped.')
  await stage.orch(['run', branch], 0)
  stage.say('Both pull requests can be merged now:')
  await stage.orch(['status', branch], 0)

  stage.chapter('4. A push to repoB: what was tested is no longer what would be merged')
  await pushAll(stage, 'broken', 'Check the price list')
  await stage.orch(['invalidate', branch, '--reason', 'repoB changed'], 0)
  await merge(stage, owner, 'repoD', 405)

  stage.chapter('5. The new build ends by exit 1: the run stops, and both stay locked')
  await stage.orch(['run', branch], 1)
  await merge(stage, owner, 'repoB', 405)
  await merge(stage, owner, 'repoD', 405)

  stage.chapter('6. The fix, the run, the merges')
  await pushAll(stage, 'fixed', 'Take the check out again')
  await stage.orch(['run', branch], 0)
  await merge(stage, owner, 'repoB', 200)
  await merge(stage, owner, 'repoD', 200)
}

async function pushAll(stage: Stage, variant: 'broken' | 'fixed', message: string): Promise<void> {
  for (const { name, files } of await exampleChange(variant)) await pushChange(stage, name, files, message, false)
}

async function pushChange(
  stage: Stage,
  repository: string,
  files: Readonly<Record<string, string>>,
  message: string,
  isNew: boolean,
): Promise<void> {
  if (isNew) await stage.git(repository, ['switch', '--quiet', '--create', branch])
  await stage.write(repository, files)
  await stage.git(repository, ['add', '--all'])
  await stage.git(repository, ['commit', '--quiet', '--message', message])
  await stage.git(repository, ['push', '--quiet', 'origin', branch])
}

async function merge(stage: Stage, owner: string, repository: string, expectedStatus: 200 | 405): Promise<void> {
  const answer = await stage.api('PUT', `/repos/${owner}/${repository}/pulls/1/merge`, {}, expectedStatus)
  const isMerged = typeof answer === 'object' && answer !== null && 'merged' in answer && answer.merged === true
  if (isMerged !== (expectedStatus === 200))
    throw new StoryBroken(`${repository}#1 should ${isMerged ? 'not ' : ''}be merged`)
}
