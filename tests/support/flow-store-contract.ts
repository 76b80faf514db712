import { describe, expect, test } from 'vitest'
import type { FlowEvent } from '../../src/model/flow/flow-event.js'
import {
  cancelAttempt,
  endStep,
  newRun,
  openAttempt,
  replayed,
  startStep,
  withAttempt,
} from '../../src/model/flow/flow-progress.js'
import type { FlowAttempt, FlowRun } from '../../src/model/flow/flow-run.js'
import type { FlowStore } from '../../src/ports/flow-store.js'

export function eventOf(id: string, fields: Partial<FlowEvent> = {}): FlowEvent {
  const event = { id, type: 'upstream.release', source: 'patch', receivedAt: 1, payload: { tag: 'v1' }, context: [] }
  return { ...event, flow: null, depth: 0, createdAt: 1_000, unmatched: null, ...fields }
}

export function runOf(id: string, fields: { eventId?: string; flow?: string; now?: number } = {}): FlowRun {
  const { eventId = 'e', flow = 'release', now = 1_000 } = fields
  return newRun({ id, eventId, flow }, now)
}

function change(to: (attempt: FlowAttempt) => FlowAttempt): (run: FlowRun) => FlowRun {
  return (run) => {
    const open = openAttempt(run)
    return open ? withAttempt(run, to(open)) : run
  }
}

/** Ends the only step of the running attempt of a run. */
function complete(store: FlowStore, id: string): Promise<FlowRun | null> {
  return store.updateRun(
    id,
    change((attempt) => endStep(startStep(attempt, 0, 5), 0, { status: 'completed', message: '' }, 6)),
  )
}

const one = { concurrency: 1, stepCount: 1, now: 2_000 }

/** What every store of events and runs must do. `open` returns a new, empty one. */
export function describeFlowStore(name: string, open: () => Promise<FlowStore>): void {
  describe(`the store of events and runs ${name}`, () => {
    test('keeps an event with its runs and returns them', async () => {
      const store = await open()
      const event = eventOf('e', {
        payload: { text: 'a\u0000b', list: [1, null, { x: true }] },
        context: [{ name: 'a.txt', content: 'ä' }],
      })
      expect(await store.accept(event, [runOf('r1'), runOf('r2', { flow: 'docs' })])).toEqual({ kind: 'accepted' })
      expect(await store.readEvent('e')).toEqual(event)
      expect(await store.readRun('r1')).toEqual(runOf('r1'))
      expect((await store.openRuns()).map(({ id }) => id)).toEqual(['r1', 'r2'])
    })

    test('returns the first event and its runs when another one of the same id arrives', async () => {
      const store = await open()
      await store.accept(eventOf('e'), [runOf('r1')])
      expect(await store.accept(eventOf('e', { source: 'other' }), [runOf('r9')])).toEqual({
        kind: 'known',
        event: eventOf('e'),
      })
      expect(await store.readRun('r9')).toBeNull()
    })

    test('accepts one of sixty events of the same id that arrive at the same time', async () => {
      const store = await open()
      const all = Array.from({ length: 60 }, (_, index) =>
        store.accept(eventOf('e', { createdAt: index }), [runOf('r1')]),
      )
      const kinds = (await Promise.all(all)).map(({ kind }) => kind)
      expect(kinds.filter((kind) => kind === 'accepted')).toHaveLength(1)
      expect((await store.listRuns({ limit: 100 })).items).toHaveLength(1)
    })

    test('returns null for an event and a run that it does not have', async () => {
      const store = await open()
      expect(await store.readEvent('e')).toBeNull()
      expect(await store.readRun('r')).toBeNull()
      expect(await store.updateRun('r', (run) => run)).toBeNull()
      expect(await store.startNext('release', one)).toBeNull()
    })

    test('lists events newest first, by type and source, in pages', async () => {
      const store = await open()
      for (let index = 0; index < 5; index += 1)
        await store.accept(eventOf(`e${index}`, { type: index === 2 ? 'other' : 'upstream.release' }), [])
      const first = await store.listEvents({ type: 'upstream.release', source: 'patch', limit: 3 })
      expect(first.items.map(({ id }) => id)).toEqual(['e4', 'e3', 'e1'])
      const cursor = first.nextCursor ?? ''
      const second = await store.listEvents({ type: 'upstream.release', limit: 3, cursor })
      expect([second.items.map(({ id }) => id), second.nextCursor]).toEqual([['e0'], null])
      expect((await store.listEvents({ source: 'nobody', limit: 3 })).items).toEqual([])
      expect((await store.listEvents({ limit: 3, cursor: 'not one of ours' })).items).toEqual([])
    })

    test('lists runs by event, flow and the status of the last attempt', async () => {
      const store = await open()
      await store.accept(eventOf('e'), [runOf('r1'), runOf('r2', { flow: 'docs' })])
      await store.accept(eventOf('f'), [runOf('r3', { eventId: 'f' })])
      await store.startNext('docs', one)
      const idsOf = async (query: object): Promise<string[]> =>
        (await store.listRuns({ limit: 10, ...query })).items.map(({ id }) => id)
      expect(await idsOf({})).toEqual(['r3', 'r2', 'r1'])
      expect(await idsOf({ eventId: 'e' })).toEqual(['r2', 'r1'])
      expect(await idsOf({ flow: 'release' })).toEqual(['r3', 'r1'])
      expect(await idsOf({ status: 'running' })).toEqual(['r2'])
      expect(await idsOf({ status: 'queued', eventId: 'f' })).toEqual(['r3'])
    })

    test('lists an event with the names of its files, and keeps their content when runs are added', async () => {
      const store = await open()
      const context = [{ name: 'a.txt', content: 'ä' }]
      await store.accept(eventOf('e', { context, unmatched: 'no flow matches' }), [])
      await store.addRuns('e', [runOf('r1')])
      const [listed] = (await store.listEvents({ limit: 1 })).items
      expect(listed).toMatchObject({ id: 'e', context: [{ name: 'a.txt' }], unmatched: null })
      expect(await store.readEvent('e')).toEqual(eventOf('e', { context }))
    })

    test('summarizes the runs of events with what each came to', async () => {
      const store = await open()
      await store.accept(eventOf('e'), [runOf('r1'), runOf('r2', { flow: 'docs' })])
      await store.accept(eventOf('f'), [runOf('r3', { eventId: 'f' })])
      await store.accept(eventOf('g'), [runOf('r4', { eventId: 'g', flow: 'x' })])
      await store.startNext('docs', one)
      const result = { status: 'blocked', message: '', artifacts: [] } as const
      await store.updateRun(
        'r2',
        change((attempt) => endStep(startStep(attempt, 0, 5), 0, { status: 'completed', message: '', result }, 6)),
      )
      expect(await store.summarizeRuns(['e', 'g'])).toEqual([
        { id: 'r2', eventId: 'e', flow: 'docs', effectiveStatus: 'blocked' },
        { id: 'r1', eventId: 'e', flow: 'release', effectiveStatus: 'queued' },
        { id: 'r4', eventId: 'g', flow: 'x', effectiveStatus: 'queued' },
      ])
      expect(await store.summarizeRuns([])).toEqual([])
    })

    test('starts the attempts of a flow in their order, as many at the same time as its concurrency allows', async () => {
      const store = await open()
      await store.accept(eventOf('e'), [runOf('r1')])
      await store.accept(eventOf('f'), [runOf('r2', { eventId: 'f', now: 1_001 })])
      await store.accept(eventOf('g'), [runOf('r3', { eventId: 'g', now: 1_002 })])
      expect((await store.startNext('release', one))?.id).toBe('r1')
      expect(await store.startNext('release', one)).toBeNull()
      expect((await store.startNext('release', { ...one, concurrency: 2 }))?.id).toBe('r2')
      await complete(store, 'r1')
      await complete(store, 'r2')
      expect((await store.startNext('release', one))?.id).toBe('r3')
      expect((await store.openRuns()).map(({ id }) => id)).toEqual(['r3'])
    })

    test('starts each attempt once when sixty ask at the same time', async () => {
      const store = await open()
      await store.accept(eventOf('e'), [runOf('r1')])
      const asked = Array.from({ length: 60 }, () => store.startNext('release', { ...one, concurrency: 100 }))
      expect((await Promise.all(asked)).filter((run) => run !== null)).toHaveLength(1)
    })

    test('starts a replay when the earlier attempt of its run has ended', async () => {
      const store = await open()
      await store.accept(eventOf('e'), [runOf('r1')])
      const both = { ...one, concurrency: 2 }
      await store.startNext('release', both)
      await store.updateRun('r1', (run) => replayed(run, 1_500))
      expect(await store.startNext('release', both)).toBeNull()
      await complete(store, 'r1')
      const second = await store.startNext('release', both)
      expect(second?.attempts.map(({ status, isReplay }) => [status, isReplay])).toEqual([
        ['completed', false],
        ['running', true],
      ])
    })

    test('keeps every change of sixty that are made at the same time', async () => {
      const store = await open()
      await store.accept(eventOf('e'), [runOf('r1')])
      await Promise.all(Array.from({ length: 60 }, () => store.updateRun('r1', (run) => replayed(run, 1_500))))
      expect((await store.readRun('r1'))?.attempts).toHaveLength(61)
    })

    test('adds runs to an event that had none, and leaves those it has', async () => {
      const store = await open()
      await store.accept(eventOf('e', { unmatched: 'no flow matches' }), [])
      expect(await store.addRuns('absent', [runOf('r9', { eventId: 'absent' })])).toBe(false)
      expect(await store.readRun('r9')).toBeNull()
      expect(await store.addRuns('e', [runOf('r1')])).toBe(true)
      await store.updateRun(
        'r1',
        change((attempt) => cancelAttempt(attempt, 'ann', 3_000)),
      )
      await store.addRuns('e', [runOf('r1'), runOf('r2')])
      expect(await store.readEvent('e')).toEqual(eventOf('e'))
      const { items } = await store.listRuns({ eventId: 'e', limit: 10 })
      expect(items.map(({ id, attempts }) => [id, attempts[0]?.status])).toEqual([
        ['r2', 'queued'],
        ['r1', 'cancelled'],
      ])
    })

    test('remembers which flows are disabled', async () => {
      const store = await open()
      await store.setDisabled('release', true)
      await store.setDisabled('docs', true)
      await store.setDisabled('docs', false)
      expect([...(await store.disabledFlows())]).toEqual(['release'])
    })
  })
}
