import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { thisMachine } from '../../../src/lib/process-liveness.js'
import type { Database } from '../../../src/service/database/database.js'
import { openDatabase } from '../../../src/service/database/open-database.js'
import { opened } from '../../support/databases.js'

describe('the embedded database', () => {
  let stateDirectory: string
  let database: Database | null

  beforeEach(async () => {
    stateDirectory = await mkdtemp(join(tmpdir(), 'orch-embedded-'))
    database = null
  })

  afterEach(async () => {
    await database?.close()
    await rm(stateDirectory, { recursive: true, force: true })
  })

  async function open(): Promise<Database> {
    database = opened(await openDatabase({ kind: 'embedded', stateDirectory, processes: thisMachine }))
    return database
  }

  async function close(): Promise<void> {
    await database?.close()
    database = null
  }

  const program = join(import.meta.dirname, 'open-embedded.ts')

  /** Another process that has the database open; it writes a line when it is ready. */
  async function openElsewhere(): Promise<{ pid: number; line: string; kill: () => Promise<void> }> {
    const child = spawn(process.execPath, ['--import', 'tsx', program, stateDirectory], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [chunk] = (await once(child.stdout, 'data')) as [Buffer]
    const kill = async (): Promise<void> => {
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
    }
    return { pid: child.pid ?? 0, line: chunk.toString().trim(), kill }
  }

  test('its rows survive an orderly end, and its folder is hidden from git and from other users', async () => {
    const first = await open()
    expect(first.location).toBe(join(stateDirectory, 'service'))
    await first.query('CREATE TABLE a (x int)')
    await first.query('INSERT INTO a VALUES (1)')
    await close()
    expect(await (await open()).query('SELECT x FROM a')).toEqual([{ x: 1 }])
    expect((await stat(join(stateDirectory, 'service'))).mode & 0o777).toBe(0o700)
    expect(await readdir(stateDirectory)).toEqual(['.gitignore', 'service'])
  })

  test('every commit waits for the disk', async () => {
    expect(
      await (
        await open()
      ).query("SELECT current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS commit"),
    ).toEqual([{ fsync: 'on', commit: 'on' }])
  })

  test('a checkpoint that removes a part of the log keeps the connections', async () => {
    const first = await open()
    await first.query('CREATE TABLE a AS SELECT 1 AS x')
    await first.query('SELECT pg_switch_wal()')
    await first.query('CHECKPOINT')
    await first.query('INSERT INTO a VALUES (2)')
    await close()
    expect(await (await open()).query('SELECT x FROM a')).toEqual([{ x: 1 }, { x: 2 }])
  })

  test('a second process is refused with the pid of the first, and takes over when the first was killed', async () => {
    const other = await openElsewhere()
    expect(other.line).toBe('opened')
    expect(await openDatabase({ kind: 'embedded', stateDirectory, processes: thisMachine })).toEqual({
      kind: 'refused',
      why: 'held',
      pid: other.pid,
      problem: `the database in ${join(stateDirectory, 'service')} is used by process ${other.pid}`,
      remedy: 'End that process, or use PostgreSQL with --database: several processes can share it.',
    })
    await other.kill()
    // The other process had committed its row before it wrote its line.
    expect(await (await open()).query('SELECT x FROM a')).toEqual([{ x: 7 }])
  }, 120_000)

  test('a directory whose creation was interrupted is made again', async () => {
    await open()
    await close()
    const folder = join(stateDirectory, 'service')
    await truncate(join(folder, 'database', 'global', 'pg_control'), 100)
    await writeFile(join(folder, 'database.unfinished'), '')
    expect(await (await open()).query('SELECT 1 AS one')).toEqual([{ one: 1 }])
    expect((await readdir(folder)).toSorted()).toEqual(['database', 'database.lock'])
  })

  test('a folder that cannot be made is refused with what to do', async () => {
    await writeFile(join(stateDirectory, 'service'), '')
    const result = await openDatabase({ kind: 'embedded', stateDirectory, processes: thisMachine })
    expect(result).toMatchObject({
      kind: 'refused',
      remedy: expect.stringContaining(join(stateDirectory, 'service')) as string,
    })
  })

  test('a damaged directory is refused with what to do, and stays as it is', async () => {
    await open()
    await close()
    const control = join(stateDirectory, 'service', 'database', 'global', 'pg_control')
    await truncate(control, 100)
    for (let time = 1; time <= 2; time += 1) {
      const result = await openDatabase({ kind: 'embedded', stateDirectory, processes: thisMachine })
      expect(result).toMatchObject({ kind: 'refused', why: 'damaged' })
      expect(JSON.stringify(result)).toContain('from a backup')
    }
    expect((await stat(control)).size).toBe(100)
  }, 120_000)
})
