import type { History } from './history.js'
import { brokenLaws } from './laws.js'
import { replay } from './replay.js'
import type { Replay } from './replay.js'

/**
 * Replays one history and checks the laws. Undefined: its random world has no change.
 * Throws when a law is broken or the replay fails: the message contains the history and how to replay it alone.
 */
export async function checkHistory(history: History): Promise<Replay | undefined> {
  const result = await replay(history).catch((error: unknown) => {
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n${advice(history)}`, { cause: error })
  })
  const broken = result ? brokenLaws(history, result) : []
  if (broken.length > 0) throw new Error(`${broken.join('\n')}\n${advice(history)}`)
  return result
}

function advice(history: History): string {
  return [
    'Replay it alone with',
    `  ORCH_HISTORY='${JSON.stringify(history)}' npx vitest run tests/simulation/found.test.ts`,
    'and once it is understood, add it to that file under a name.',
  ].join('\n')
}
