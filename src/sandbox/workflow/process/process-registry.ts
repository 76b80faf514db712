import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import process from 'node:process'

/**
 * Reads process groups from its standard input, and kills the registered ones when the input ends. That happens when this process ends, even by `kill -9`.
 * The script uses only builtins of the shell, so it needs no PATH.
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

/** Registers the process groups that are alive, so that none outlives this process, however it ends. */
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
    // The watcher ends with the last group, so that an idle sandbox has no child processes.
    this.#watcher?.stdin?.end()
    this.#watcher = null
  }

  #watch(): void {
    // The watcher has its own session, so that a signal from the terminal that ends this process does not end the watcher.
    const stdio = ['pipe', 'ignore', 'ignore'] as const
    const watcher = spawn('/bin/sh', ['-c', script], { env: {}, cwd: '/', detached: true, stdio: [...stdio] })
    // If the watcher ends for any reason, the next group starts a new one.
    const forget = (): void => {
      if (this.#watcher === watcher) this.#watcher = null
    }
    watcher.on('error', forget).on('exit', forget).unref()
    watcher.stdin.on('error', forget)
    this.#watcher = watcher
    for (const group of this.#groups) watcher.stdin.write(`add ${group}\n`)
  }
}

/** Sends a signal to every process of a group; returns false if the group is empty. */
export function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-group, signal)
    return true
  } catch (error) {
    // macOS returns EPERM for a group that contains only zombies.
    if (error instanceof Error && 'code' in error && (error.code === 'ESRCH' || error.code === 'EPERM')) return false
    throw error
  }
}

export const killGroup = (group: number): boolean => signalGroup(group, 'SIGKILL')
