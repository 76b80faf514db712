import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import process from 'node:process'

/**
 * Is told of groups on its standard input, and kills those that are left when that ends: when this process has ended, even by `kill -9`. Only parts of the
 * shell are used, so that it needs no PATH.
 */
const script = `
groups=' '
while read -r word group; do
  case $word in
    add) groups="$groups$group " ;;
    drop) case $groups in *" $group "*) groups="\${groups%% "$group" *} \${groups#* "$group" }" ;; esac ;;
  esac
done
for group in $groups; do kill -s KILL -- "-$group"; done
`

/** The groups of processes that are alive, so that none outlives this process, however it ends. */
export class ProcessRegistry {
  readonly #groups = new Set<number>()
  #watcher: ChildProcess | null = null
  #killsAtExit = false

  add(group: number): void {
    this.#groups.add(group)
    if (!this.#killsAtExit) process.once('exit', () => this.#groups.forEach(killGroup))
    this.#killsAtExit = true
    if (this.#watcher === null) this.#watch()
    else this.#watcher.stdin?.write(`add ${group}\n`)
  }

  delete(group: number): void {
    if (!this.#groups.delete(group)) return
    this.#watcher?.stdin?.write(`drop ${group}\n`)
    if (this.#groups.size > 0) return
    // Nothing is left to watch, and an idle sandbox has no child processes.
    this.#watcher?.stdin?.end()
    this.#watcher = null
  }

  #watch(): void {
    // In a session of its own: what ends this process from a terminal must not end its watcher.
    const stdio = ['pipe', 'ignore', 'ignore'] as const
    const watcher = spawn('/bin/sh', ['-c', script], { env: {}, cwd: '/', detached: true, stdio: [...stdio] })
    // Whoever ended the watcher: the next group has a new one.
    const forget = (): void => {
      if (this.#watcher === watcher) this.#watcher = null
    }
    watcher.on('error', forget).on('exit', forget).unref()
    watcher.stdin.on('error', forget)
    this.#watcher = watcher
    for (const group of this.#groups) watcher.stdin.write(`add ${group}\n`)
  }
}

/** Sends a signal to every process of a group; false when there is none left. */
export function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-group, signal)
    return true
  } catch (error) {
    // EPERM: macOS answers so for a group of which only zombies are left.
    if (error instanceof Error && 'code' in error && (error.code === 'ESRCH' || error.code === 'EPERM')) return false
    throw error
  }
}

export const killGroup = (group: number): boolean => signalGroup(group, 'SIGKILL')
