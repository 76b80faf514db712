import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { machineProcesses } from '../../../src/cli/process/processes.js'
import { findLockOwner, takeLock } from '../../../src/lib/lock-file.js'
import type { Processes } from '../../../src/lib/lock-file.js'

let directory: string
let path: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'orch-owner-'))
  path = join(directory, 'x.lock')
})

afterEach(async () => {
  await rm(directory, { recursive: true, force: true })
})

/** All processes are alive; the one with pid 100 began at `start`. */
function seenBy(pid: number, start: string | null): Processes {
  return { pid, isAlive: () => true, startOf: (asked) => (asked === 100 ? start : `of ${asked}`) }
}

describe('the owner of a lock', () => {
  test('the owner of a lock is certain when the process with its pid has the recorded start', async () => {
    await takeLock(path, seenBy(100, 'monday'))
    expect(await findLockOwner(path, seenBy(200, 'monday'))).toEqual({ pid: 100, isCertain: true })
    expect(await takeLock(path, seenBy(200, 'monday'))).toEqual({ kind: 'held', pid: 100 })
  })

  test('a lock has no owner when its pid belongs to a later process, and is taken over', async () => {
    await takeLock(path, seenBy(100, 'monday'))
    expect(await findLockOwner(path, seenBy(200, 'tuesday'))).toBeNull()
    expect((await takeLock(path, seenBy(200, 'tuesday'))).kind).toBe('locked')
    expect(await readFile(path, 'utf8')).toBe('200\nof 200\n')
  })

  test.each([
    ['the lock does not record the start of its process', '100\n', 'monday'],
    ['the machine does not report the start of the process', '100\nmonday\n', null],
  ])('the owner of a lock is not certain when %s, and the lock is not taken', async (_case, text, start) => {
    await writeFile(path, text)
    expect(await findLockOwner(path, seenBy(200, start))).toEqual({ pid: 100, isCertain: false })
    expect(await takeLock(path, seenBy(200, start))).toEqual({ kind: 'held', pid: 100 })
    expect(await readFile(path, 'utf8')).toBe(text)
  })
})

describe('the processes of this machine', () => {
  const { startOf } = machineProcesses

  test('a process has one start, which is one word', () => {
    const start = startOf?.(process.pid)
    expect(start).toMatch(/^\S+$/u)
    expect(startOf?.(process.pid)).toBe(start)
    // The parent may have started within the same clock tick, so the start is compared with the machine's first process.
    expect(startOf?.(1)).not.toBe(start)
  })

  test('a process that does not exist has no start, and cannot be interrupted', () => {
    const absent = 2 ** 22 + 1
    expect(startOf?.(absent)).toBeNull()
    expect(machineProcesses.interrupt(absent)).toBe('gone')
  })
})
