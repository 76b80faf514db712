import { join } from 'node:path'

/** The folder of the journals, below the state directory (`.orch`). */
export function journalDirectory(stateDirectory: string): string {
  return join(stateDirectory, 'orchestrations')
}

export function journalPath(stateDirectory: string, orchestrationId: string): string {
  return join(journalDirectory(stateDirectory), `${orchestrationId}.jsonl`)
}

export function lockPath(stateDirectory: string, orchestrationId: string): string {
  return join(journalDirectory(stateDirectory), `${orchestrationId}.lock`)
}

/** Held by a process that has requested the driver to cancel, until the driver has ended. */
export function cancelLockPath(stateDirectory: string, orchestrationId: string): string {
  return `${lockPath(stateDirectory, orchestrationId)}.cancel`
}
