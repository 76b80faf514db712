import { thisMachine } from '../../lib/process-liveness.js'
import { signalGroup } from '../../lib/signal-group.js'
import type { Context } from './context.js'

/** The processes of this machine. */
export const machineProcesses: Context['processes'] = { ...thisMachine, interrupt, signalGroup }

/** Windows has no signal that lets a process end in order. */
function interrupt(pid: number): 'sent' | 'gone' | 'refused' {
  if (process.platform === 'win32') return 'refused'
  try {
    process.kill(pid, 'SIGINT')
    return 'sent'
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH' ? 'gone' : 'refused'
  }
}
