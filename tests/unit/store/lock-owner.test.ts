import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { machineProcesses } from '../../../src/cli/process/processes.js'
import { findLockOwner, lockOwner, takeLock } from '../../../src/lib/lock-file.js'
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

/** All processes live; the one with pid 100 began at `start`. */
function seenBy(pid: number, start: string | null): Processes {
  return { pid, isAlive: () => true, startOf: (asked) => (asked === 100 ? start : `of ${asked}`) }
}

describe('who has a lock', () => {
  test('is certain when the process with that pid began when the one that took it did', async () => {
    await takeLock(path, seenBy(100, 'monday'))
    expect(await findLockOwner(path, seenBy(200, 'monday'))).toEqual({ pid: 100, isCertain: true })
    expect(await takeLock(path, seenBy(200, 'monday'))).toEqual({ kind: 'held', pid: 100 })
  })

  test('is nobody when that pid belongs to a later process: the lock is taken over', async () => {
    await takeLock(path, seenBy(100, 'monday'))
    expect(await lockOwner(path, seenBy(200, 'tuesday'))).toBeNull()
    expect((await takeLock(path, seenBy(200, 'tuesday'))).kind).toBe('locked')
    expect(await readFile(path, 'utf8')).toBe('200\nof 200\n')
  })

  test.each([
    ['the lock does not tell when its process began', '100\n', 'monday'],
    ['the machine does not tell when the process began', '100\nmonday\n', null],
  ])('is not certain when %s, and the lock is left alone', async (_case, text, start) => {
    await writeFile(path, text)
    expect(await findLockOwner(path, seenBy(200, start))).toEqual({ pid: 100, isCertain: false })
    expect(await takeLock(path, seenBy(200, start))).toEqual({ kind: 'held', pid: 100 })
    expect(await readFile(path, 'utf8')).toBe(text)
  })
})

describe('the processes of this machine', () => {
  const { startOf } = machineProcesses

  test('each has one start, which is one word', () => {
    const start = startOf?.(process.pid)
    expect(start).toMatch(/^\S+$/u)
    expect(startOf?.(process.pid)).toBe(start)
    // Not with the parent, which may have started within the same clock tick; the first process of the machine has not.
    expect(startOf?.(1)).not.toBe(start)
  })

  test('one that is not there has none, and cannot be interrupted', () => {
    const absent = 2 ** 22 + 1
    expect(startOf?.(absent)).toBeNull()
    expect(machineProcesses.interrupt(absent)).toBe('gone')
  })
})
