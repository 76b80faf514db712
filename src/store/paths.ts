import { join } from 'node:path'

/** Where the journals lie below the state directory (`.orch`). */
export function journalDirectory(stateDirectory: string): string {
  return join(stateDirectory, 'orchestrations')
}

export function journalPath(stateDirectory: string, orchestrationId: string): string {
  return join(journalDirectory(stateDirectory), `${orchestrationId}.jsonl`)
}

export function lockPath(stateDirectory: string, orchestrationId: string): string {
  return join(journalDirectory(stateDirectory), `${orchestrationId}.lock`)
}
