import type { FlowEvent } from '../../../src/model/flow/flow-event.js'
import type { FlowAttempt, FlowRun } from '../../../src/model/flow/flow-run.js'
import type { FlowService } from '../../../src/service/flows/flow-service.js'
import { nodeStep } from '../../support/flow-client-contract.js'

export const hostileEvent = 'patch:"><script>alert(1)</script>/a?b#c \u202egnp.exe'

/** A flow that events start, one that is handed work, and a file that never was valid. */
export const flowFiles = {
  release: `name: release\non: { event: { types: [upstream.release] } }\nsteps:\n${nodeStep('console.log(1)')}`,
  announce: `name: announce\non: { dispatch: true }\nsteps:\n${nodeStep('console.log(1)')}`,
  broken: `name: broken\non: { "<script>alert('file')</script>": 1 }\nsteps:\n${nodeStep('console.log(1)')}`,
}

const at = Date.UTC(2026, 10, 21, 8, 0, 0)

function event(id: string, fields: Partial<FlowEvent> = {}): FlowEvent {
  const times = { receivedAt: at - 5000, createdAt: at }
  const fixed = { type: 'upstream.release', source: 'patch', payload: { tag: 'v1' } }
  return { id, ...fixed, ...times, context: [], flow: null, depth: 0, unmatched: null, ...fields }
}

function attempt(run: string, number: number, fields: Partial<FlowAttempt> = {}): FlowAttempt {
  return {
    id: `${run}-${number}`,
    number,
    status: 'queued',
    isReplay: number > 1,
    createdAt: at,
    startedAt: null,
    endedAt: null,
    steps: [],
    output: { stdout: '', stderr: '', truncated: false },
    result: null,
    cancelledBy: null,
    ...fields,
  }
}

function run(id: string, eventId: string, attempts: readonly FlowAttempt[]): FlowRun {
  return { id, eventId, flow: 'release', createdAt: at, attempts }
}

/** Keeps an event of a hostile sender whose run failed after a replay, one whose run waits, and one that started nothing. */
export async function fillFlows({ ports: { store } }: FlowService): Promise<void> {
  const step = { startedAt: at + 1000, endedAt: at + 63_000 }
  const ended = { startedAt: at + 1000, endedAt: at + 64_000 }
  const first = attempt('run-failed', 1, {
    ...ended,
    status: 'completed',
    steps: [{ ...step, status: 'completed', message: '' }],
    output: { stdout: `${'old line\n'.repeat(1000)}the end`, stderr: '', truncated: false },
    result: { status: 'changed', message: 'built v1', artifacts: [] },
  })
  const second = attempt('run-failed', 2, {
    ...ended,
    status: 'failed',
    steps: [
      { ...step, status: 'completed', message: '' },
      { ...step, status: 'failed', message: 'the command exited with 1 <img src=x onerror=alert(1)>' },
      { status: 'queued', startedAt: null, endedAt: null, message: '' },
    ],
    output: {
      stdout: "\u001b[31mbuilding\u001b[0m\n<script>alert('stdout')</script> \u202egnp.exe\n",
      stderr: '</pre><script>alert("stderr")</script>\n',
      truncated: true,
    },
    result: {
      status: 'blocked',
      message: '<b>wait</b>',
      artifacts: [{ url: 'javascript:alert(1)', '</pre><script>alert(3)</script>': 1 }],
    },
  })
  const hostile = event(hostileEvent, {
    source: '<i>source</i>',
    payload: { tag: '</pre><script>alert(2)</script>', url: 'javascript:alert(1)' },
    context: [{ name: 'notes.md', content: 'the content of the file' }],
  })
  await store.accept(hostile, [run('run-failed', hostileEvent, [first, second])])
  await store.accept(event('waiting'), [run('run-queued', 'waiting', [attempt('run-queued', 1)])])
  await store.accept(event('unmatched', { type: 'other', unmatched: 'no flow matches the type other' }), [])
}
