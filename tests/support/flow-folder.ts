import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** A folder with flows, in which a client or a command works. */
export interface FlowFolder extends AsyncDisposable {
  directory: string
  /** Writes a file below it. */
  write: (path: string, content: string | Uint8Array) => Promise<void>
  /** Writes `.orch/flows/<name>/flow.yaml`. */
  writeFlow: (name: string, yaml: string) => Promise<void>
}

export async function openFlowFolder(flows: Readonly<Record<string, string>> = {}): Promise<FlowFolder> {
  const directory = await mkdtemp(join(tmpdir(), 'orch-flows-'))
  const write = async (path: string, content: string | Uint8Array): Promise<void> => {
    await mkdir(dirname(join(directory, path)), { recursive: true })
    await writeFile(join(directory, path), content)
  }
  const writeFlow = (name: string, yaml: string): Promise<void> => write(`.orch/flows/${name}/flow.yaml`, yaml)
  for (const [name, yaml] of Object.entries(flows)) await writeFlow(name, yaml)
  // A client in this process may still write that it has handled its last event.
  const remove = (): Promise<void> => rm(directory, { recursive: true, force: true, maxRetries: 10 })
  return { directory, write, writeFlow, [Symbol.asyncDispose]: remove }
}
