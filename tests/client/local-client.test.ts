import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createFlowClient } from '../../src/client/index.js'
import type { LocalClientOptions } from '../../src/client/index.js'
import { thisMachine } from '../../src/lib/process-liveness.js'
import { systemClock } from '../../src/lib/system-clock.js'
import { cancelAttempt, withAttempt } from '../../src/model/flow/flow-progress.js'
import { lastAttempt } from '../../src/model/flow/flow-run.js'
import { createFileFlowStore } from '../../src/store/flows/file-flow-store.js'
import { weeklyPart } from '../support/exhaustive.js'
import { describeFlowClient, release } from '../support/flow-client-contract.js'
import { openFlowFolder } from '../support/flow-folder.js'
import { eventOf, runOf } from '../support/flow-store-contract.js'

const states: [string, Pick<LocalClientOptions, 'state'>][] = [
  ['a state in memory', {}],
  ['a state in files', { state: { kind: 'file' } }],
]

// One of them each week: their stores have a contract of their own.
for (const [mode, state] of weeklyPart(states, 2)) {
  describeFlowClient(mode, ({ directory }) =>
    Promise.resolve({
      client: createFlowClient({ mode: 'local', cwd: directory, ...state }),
      close: () => Promise.resolve(),
    }),
  )
}

test('an event that is sent removes what has been in the state in files for more than 30 days, with its folder', async () => {
  await using folder = await openFlowFolder()
  const stateDirectory = join(folder.directory, '.orch')
  const store = createFileFlowStore({ stateDirectory, processes: thisMachine, clock: systemClock })
  await store.accept(eventOf('old'), [runOf('r1', { eventId: 'old' })])
  await store.updateRun('r1', (run) => withAttempt(run, cancelAttempt(lastAttempt(run), 'ann', 2)))
  const context = join(stateDirectory, 'events', 'folders', 'r1', 'trigger-context')
  await mkdir(context, { recursive: true })
  const client = createFlowClient({ mode: 'local', cwd: folder.directory, state: { kind: 'file' } })
  await client.dispatchEvent(release('new'))
  expect((await client.listEvents()).map(({ id }) => id)).toEqual(['new'])
  expect([await client.listRuns(), existsSync(join(context, '..'))]).toEqual([[], false])
  // An id that was removed is new.
  await client.dispatchEvent(release('old', { payload: { tag: 'v2' } }))
})

test('a flow that needs GitHub is refused by name in the process of a program, and nothing is kept', async () => {
  await using folder = await openFlowFolder({
    release: 'name: release\non: { event: { types: [upstream.release] } }\nsteps:\n  - run: DPTA-1\n',
  })
  const client = createFlowClient({ mode: 'local', cwd: folder.directory })
  await expect(client.dispatchEvent(release('e'))).rejects.toMatchObject({
    name: 'NotSupportedError',
    code: 'NOT_SUPPORTED',
    message: 'the local mode cannot execute the flow release: its step "run" needs GitHub',
  })
  expect(await client.listEvents()).toEqual([])
})
