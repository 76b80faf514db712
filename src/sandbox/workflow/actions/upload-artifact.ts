import { readFile } from 'node:fs/promises'
import { ZipFile } from 'yazl'
import { succeeded, unsuccessful } from '../run/step-result.js'
import type { StepResult } from '../run/step-result.js'
import type { ActionCall } from './action-call.js'
import { findFiles } from './find-files.js'
import type { FoundFile } from './find-files.js'

const readInputs = ['name', 'path', 'if-no-files-found', 'retention-days', 'overwrite', 'include-hidden-files']
const ignoredInputs = ['compression-level']

/** `actions/upload-artifact` version 4: keeps files of the workspace as an artifact of the run. */
export async function uploadArtifact({ job, inputs }: ActionCall): Promise<StepResult> {
  const { log, access, folders, execution } = job
  const refuse = (message: string): StepResult => {
    log.error(message)
    return unsuccessful
  }
  const unknown = Object.keys(inputs).find((name) => !readInputs.includes(name) && !ignoredInputs.includes(name))
  if (unknown !== undefined) {
    return refuse(`The sandbox does not know the input '${unknown}' of actions/upload-artifact.`)
  }
  const { name = 'artifact', path = '' } = inputs
  if (path.trim() === '') return refuse('Input required and not supplied: path')
  const retentionDays = retentionOf(inputs['retention-days'])
  if (retentionDays === undefined) return refuse('Invalid retention-days')
  const files = await findFiles(folders.workspace, path, inputs['include-hidden-files'] === 'true')
  if (files.length === 0) return withoutFiles(inputs['if-no-files-found'] ?? 'warn', path, { log, refuse })
  log.write(`With the provided path, there will be ${files.length} file(s) uploaded`)
  const content = await zip(files)
  const saved = access.saveArtifact({ name, content, retentionDays, overwrite: inputs.overwrite === 'true' })
  if (!saved.ok) return refuse(`Failed to CreateArtifact: ${saved.message}`)
  log.write(
    `Artifact ${name} has been successfully uploaded! Final size is ${content.length} bytes. Artifact ID is ${saved.id}`,
  )
  return succeeded({
    'artifact-id': String(saved.id),
    'artifact-url': `${execution.serverUrl}/${execution.repo}/actions/runs/${execution.runId}/artifacts/${saved.id}`,
    'artifact-digest': saved.digest.replace('sha256:', ''),
  })
}

/** Null: as long as possible; undefined: it is not a number of days. */
function retentionOf(days: string | undefined): number | null | undefined {
  if (days === undefined || days === '' || days === '0') return null
  return /^[1-9]\d{0,3}$/u.test(days) ? Number(days) : undefined
}

function withoutFiles(
  what: string,
  path: string,
  { log, refuse }: { log: ActionCall['job']['log']; refuse: (message: string) => StepResult },
): StepResult {
  const message = `No files were found with the provided path: ${path}. No artifacts will be uploaded.`
  switch (what) {
    case 'warn':
      log.warning(message)
      return succeeded({})
    case 'ignore':
      log.write(message)
      return succeeded({})
    case 'error':
      return refuse(message)
    default:
      return refuse(`Unrecognized if-no-files-found input. Provided: ${what}. Available options: warn, error, ignore`)
  }
}

async function zip(files: readonly FoundFile[]): Promise<Uint8Array> {
  const archive = new ZipFile()
  for (const { path, name } of files) archive.addBuffer(await readFile(path), name)
  archive.end()
  const chunks: Buffer[] = []
  for await (const chunk of archive.outputStream as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks)
}
