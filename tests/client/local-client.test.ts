import { createFlowClient } from '../../src/client/index.js'
import { describeFlowClient } from '../support/flow-client-contract.js'

describeFlowClient('a state in memory', ({ directory }) =>
  Promise.resolve({ client: createFlowClient({ mode: 'local', cwd: directory }), close: () => Promise.resolve() }),
)

describeFlowClient('a state in files', ({ directory }) =>
  Promise.resolve({
    client: createFlowClient({ mode: 'local', cwd: directory, state: { kind: 'file' } }),
    close: () => Promise.resolve(),
  }),
)
