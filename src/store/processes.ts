import type { Processes } from '../lib/lock-file.js'
import type { Driver } from '../model/build/history.js'

/** What the store on files asks of the processes of this machine. */
export interface StoreProcesses extends Processes {
  /** Asks a process to end in order, as Ctrl-C does. `gone`: there is none; `refused`: the system does not let us. */
  interrupt: (pid: number) => 'sent' | 'gone' | 'refused'
}

/** A process of this machine as the driver of an orchestration. */
export function driverWith(pid: number): Driver {
  return { name: `process ${pid}`, pid }
}
