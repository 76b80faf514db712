import type { Processes } from '../lib/lock-file.js'
import type { Driver } from '../model/build/history.js'

/** The operations of the file store on processes of this machine. */
export interface StoreProcesses extends Processes {
  /** Requests a process to end in order, as Ctrl-C does. `gone`: it does not exist; `refused`: the system forbids it. */
  interrupt: (pid: number) => 'sent' | 'gone' | 'refused'
}

/** A process of this machine as the driver of an orchestration. */
export function driverWith(pid: number): Driver {
  return { name: `process ${pid}`, pid }
}
