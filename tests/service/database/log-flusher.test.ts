import { describe, expect, test } from 'vitest'
import { LogFlusher } from '../../../src/service/database/embedded/log-flusher.js'

/** A disk whose writes take as long as the test says. */
function slowDisk() {
  const calls: string[] = []
  const pending: { resolve: () => void; reject: (error: Error) => void }[] = []
  const later = (path: string): Promise<void> => {
    calls.push(`later ${path}`)
    return new Promise((resolve, reject) => pending.push({ resolve, reject }))
  }
  return {
    calls,
    pending,
    disk: { now: (path: string) => void calls.push(`now ${path}`), later, close: () => Promise.resolve() },
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('the writes of the log to the disk', () => {
  test('without a change there is nothing to wait for', async () => {
    const { calls, disk } = slowDisk()
    await new LogFlusher(disk).flush()
    expect(calls).toEqual([])
  })

  test('changes during a write share the next one, which begins after it', async () => {
    const { calls, pending, disk } = slowDisk()
    const flusher = new LogFlusher(disk)
    const ended: number[] = []
    const change = (nth: number): Promise<unknown> => {
      flusher.mark('log')
      return flusher.flush().then(() => ended.push(nth))
    }
    const first = change(1)
    await turn()
    const others = [change(2), change(3)]
    await turn()
    expect(calls).toEqual(['later log'])
    pending[0]?.resolve()
    await first
    await turn()
    expect(ended).toEqual([1])
    expect(calls).toEqual(['later log', 'later log'])
    pending[1]?.resolve()
    await Promise.all(others)
    expect(ended).toEqual([1, 2, 3])
  })

  test('after a write that failed, no change is reported as written any more', async () => {
    const { pending, disk } = slowDisk()
    const flusher = new LogFlusher(disk)
    flusher.mark('log')
    const first = flusher.flush()
    await turn()
    pending[0]?.reject(new Error('I/O error'))
    await expect(first).rejects.toThrow('I/O error')
    flusher.mark('log')
    await expect(flusher.flush()).rejects.toThrow('I/O error')
  })

  test('a file of the tables is preceded by all changes of the log, also those that are being written', async () => {
    const { calls, pending, disk } = slowDisk()
    const flusher = new LogFlusher(disk)
    flusher.mark('log 1')
    const writing = flusher.flush()
    await turn()
    flusher.mark('log 2')
    flusher.flushNow()
    expect(calls).toEqual(['later log 1', 'now log 1', 'now log 2'])
    pending[0]?.resolve()
    await writing
  })
})
