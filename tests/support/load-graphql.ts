import { createSandbox } from '../../src/sandbox/sandbox.js'
import { createScriptedExecutor } from '../../src/sandbox/scripted-executor.js'
import { TestClock } from './test-clock.js'

let loaded: Promise<void> | null = null

/** Loads the GraphQL module of the sandbox before the first query, because no test clock can measure that time. Runs once per process. */
export function loadGraphQL(): Promise<void> {
  loaded ??= load()
  return loaded
}

async function load(): Promise<void> {
  const clock = new TestClock()
  const url = 'http://127.0.0.1:9'
  const sandbox = await createSandbox({ clock, executor: createScriptedExecutor({ clock }), random: () => 0.5, url })
  const headers = { authorization: `Bearer ${sandbox.token}`, 'content-type': 'application/json' }
  const body = JSON.stringify({ query: '{ viewer { login } }' })
  const answer = await sandbox.fetch(new Request(`${url}/graphql`, { method: 'POST', headers, body }))
  if (answer.status !== 200) throw new Error(`GraphQL answered ${answer.status}`)
  await sandbox.close()
}
