import { describe, expect, test } from 'vitest'
import { handOff } from '../../../src/flows/hand-off.js'
import type { Handoff } from '../../../src/flows/hand-off.js'
import { maxDepth } from '../../../src/model/flow/flow-event.js'
import { createLocalFlowService } from '../../service/support/local-flow-service.js'
import { openFlowFolder } from '../../support/flow-folder.js'

const announce = 'name: announce\non: { dispatch: true }\nsteps:\n  - exec: cat\n'
const closed = 'name: closed\non: { event: {} }\nsteps:\n  - exec: cat\n'
const work: Handoff = { id: 'h1', flow: 'announce', source: 'flow:release', payload: null, context: [], depth: 0 }

describe('a handoff', () => {
  test.each([0, maxDepth])('is kept with the depth %i', async (depth) => {
    await using folder = await openFlowFolder({ announce })
    const { ports } = createLocalFlowService(folder.directory)
    const handed = await handOff(ports, { ...work, depth })
    expect(handed).toMatchObject({ kind: 'accepted', event: { depth, flow: 'announce', type: 'handoff' } })
  })

  test.each<[string, Partial<Handoff>, object]>([
    ['flows hand on to each other without an end', { depth: maxDepth + 1 }, { kind: 'too-deep' }],
    ['the flow accepts no handoffs', { flow: 'closed' }, { kind: 'no-dispatch' }],
    ['the flow does not exist', { flow: 'anounce' }, { kind: 'unknown-flow', hint: 'Did you mean announce?' }],
  ])('is refused, and nothing is kept, where %s', async (_sentence, fields, expected) => {
    await using folder = await openFlowFolder({ announce, closed })
    const { ports } = createLocalFlowService(folder.directory)
    expect(await handOff(ports, { ...work, ...fields })).toMatchObject(expected)
    expect(await ports.store.readEvent('h1')).toBeNull()
  })

  test('to a disabled flow is refused, and nothing is kept', async () => {
    await using folder = await openFlowFolder({ announce })
    const { ports } = createLocalFlowService(folder.directory)
    await ports.store.setDisabled('announce', true)
    expect(await handOff(ports, work)).toEqual({ kind: 'disabled' })
    expect(await ports.store.readEvent('h1')).toBeNull()
  })
})
