import { createFlowClient } from '../../src/client/index.js'
import type { LocalClientOptions } from '../../src/client/index.js'
import { weeklyPart } from '../support/exhaustive.js'
import { describeFlowClient } from '../support/flow-client-contract.js'

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
