import { execFileSync, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'

/** A PostgreSQL server of a test, on 127.0.0.1. */
export interface PostgresServer {
  /** A new, empty database. */
  createDatabase(): Promise<string>
  /** Ends the server as a crash does. */
  stop(): Promise<void>
  start(): Promise<void>
  /** Stops the server and removes its data. */
  remove(): Promise<void>
}

/** Debian keeps one folder for each version. */
const binaries = ['18', '17', '16', '15', '14']
  .map((version) => `/usr/lib/postgresql/${version}/bin`)
  .find((folder) => existsSync(join(folder, 'postgres')))

/** Null: PostgreSQL can be started here; otherwise why not, for the name of a skipped test. */
export const postgresIsMissing = binaries === undefined ? 'Debian’s package postgresql is not installed' : null

/** The server refuses to run as root. */
function unprivilegedUser(): { uid: number; gid: number } | null {
  if (process.getuid?.() !== 0) return null
  const numberOf = (flag: string): number => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }))
  return { uid: numberOf('-u'), gid: numberOf('-g') }
}

let template: string | undefined

/** A data directory without databases of ours. `initdb` takes longer than all other steps, so its result is copied. */
function createTemplate(from: string, user: ReturnType<typeof unprivilegedUser>): string {
  const folder = mkdtempSync(join(tmpdir(), 'orch-postgres-template-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  if (user) chownSync(folder, user.uid, user.gid)
  const data = join(folder, 'data')
  const args = ['-D', data, '-U', 'orch', '-A', 'trust', '-E', 'UTF8', '--no-sync', '--no-instructions']
  execFileSync(join(from, 'initdb'), args, {
    ...user,
    cwd: folder,
    env: { ...process.env, LC_ALL: 'C' },
    stdio: 'pipe',
  })
  return data
}

/** Starts a server with an empty folder. It does not write through to the disk, which makes it fast, unless further settings (`name=value`) say so. */
export async function startPostgres(moreSettings: readonly string[] = []): Promise<PostgresServer> {
  if (binaries === undefined) throw new Error(postgresIsMissing ?? '')
  const user = unprivilegedUser()
  const folder = mkdtempSync(join(tmpdir(), 'orch-postgres-'))
  if (user) chownSync(folder, user.uid, user.gid)
  chmodSync(folder, 0o700)
  const data = join(folder, 'data')
  const as = { ...user, cwd: folder, env: { ...process.env, LC_ALL: 'C' } }
  execFileSync('cp', ['-a', (template ??= createTemplate(binaries, user)), data])
  const port = await freePort()
  const urlOf = (name: string): string => `postgres://orch@127.0.0.1:${port}/${name}`
  let server: ChildProcess | null = null
  let databases = 0

  const start = async (): Promise<void> => {
    const usual = ['fsync=off', 'full_page_writes=off', 'max_connections=200', `unix_socket_directories=${folder}`]
    const settings = [...usual, ...moreSettings]
    const args = ['-D', data, '-h', '127.0.0.1', '-p', String(port), ...settings.flatMap((each) => ['-c', each])]
    server = spawn(join(binaries, 'postgres'), args, { ...as, stdio: 'ignore' })
    await untilReady(urlOf('postgres'))
  }
  const stop = async (): Promise<void> => {
    if (!server) return
    const ended = once(server, 'exit')
    // SIGQUIT: immediate shutdown, with recovery at the next start.
    server.kill('SIGQUIT')
    server = null
    await ended
  }

  await start()
  return {
    createDatabase: async () => {
      databases += 1
      const name = `test_${databases}`
      const client = new pg.Client(urlOf('postgres'))
      await client.connect()
      await client.query(`CREATE DATABASE ${name}`)
      await client.end()
      return urlOf(name)
    },
    stop,
    start,
    remove: async () => {
      await stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function untilReady(url: string): Promise<void> {
  for (let left = 300; ; left -= 1) {
    const client = new pg.Client(url)
    try {
      await client.connect()
      await client.end()
      return
    } catch (error) {
      if (left === 0) throw error
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  if (address === null || typeof address === 'string') throw new Error('the probe has no port')
  probe.close()
  await once(probe, 'close')
  return address.port
}
