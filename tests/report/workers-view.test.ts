import { describe, expect, test } from 'vitest'
import type { WorkerJson } from '../../src/model/wire/workloads.js'
import { renderWorkers } from '../../src/report/views/workers-view.js'

const options = { color: false, unicode: true, columns: 200 }
const now = Date.parse('2026-11-29T10:00:05.000Z')

const worker: WorkerJson = {
  id: 'p1-1',
  state: 'standby',
  host: 'node1',
  pid: 4711,
  startedAt: '2026-11-29T09:00:00.000Z',
  heartbeatAt: '2026-11-29T10:00:00.000Z',
  workloads: [],
}

describe('the table of the workers', () => {
  test('each worker has a line with its process, its heartbeat and its workloads', () => {
    const busy: WorkerJson = { ...worker, id: 'p1-2', state: 'active', workloads: ['e1', 'e2'] }
    expect(renderWorkers({ items: [worker, busy] }, now, options)).toBe(
      [
        'worker  state    host   pid   heartbeat  workloads',
        'p1-1    standby  node1  4711  5s ago     -',
        'p1-2    active   node1  4711  5s ago     e1, e2',
        '',
      ].join('\n'),
    )
  })

  test('without a worker it names the commands that start one', () => {
    expect(renderWorkers({ items: [] }, now, options)).toBe(
      'There are no workers; orch serve and orch worker start some.\n',
    )
  })

  test('a hostile host or workload does not drive the terminal', () => {
    const hostile: WorkerJson = { ...worker, host: 'a\u001b[2Jb', workloads: ['e\u001b]0;x\u0007'] }
    const text = renderWorkers({ items: [hostile] }, now, options)
    for (const unsafe of ['\u001b', '\u0007']) expect(text).not.toContain(unsafe)
  })
})
