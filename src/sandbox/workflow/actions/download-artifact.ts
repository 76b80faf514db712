import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { fromBufferPromise } from 'yauzl'
import { succeeded, unsuccessful } from '../run/step-result.js'
import type { StepResult } from '../run/step-result.js'
import type { ActionCall } from './action-call.js'

const readInputs = ['name', 'path']

/** `actions/download-artifact` version 4, for artifacts of the own run: one by its name, or each into a folder of its name. */
export async function downloadArtifact({ job, inputs }: ActionCall): Promise<StepResult> {
  const { log, access, folders } = job
  const refuse = (message: string): StepResult => {
    log.error(message)
    return unsuccessful
  }
  const unknown = Object.keys(inputs).find((name) => !readInputs.includes(name))
  if (unknown !== undefined) {
    return refuse(`The sandbox does not know the input '${unknown}' of actions/download-artifact.`)
  }
  const { name = '', path = '' } = inputs
  const folder = resolve(folders.workspace, path)
  if (relative(folders.root, folder).split(sep)[0] === '..')
    return refuse(`The path '${path}' is not in the job's folder.`)
  const artifacts = access.readArtifacts().filter((artifact) => name === '' || artifact.name === name)
  if (name !== '' && artifacts.length === 0) {
    return refuse(`Unable to download artifact(s): Artifact not found for name: ${name}`)
  }
  for (const artifact of artifacts) {
    const target = name === '' ? join(folder, artifact.name) : folder
    const problem = await extract(artifact.content, target)
    if (problem !== null) return refuse(`Unable to download and extract artifact: ${problem}`)
    log.write(`Artifact ${artifact.name} is in ${target}`)
  }
  return succeeded({ 'download-path': folder })
}

/** Writes the files of a zip file into a folder. Returns why it is not valid, such as a name that leads out of the folder; null: it is. */
async function extract(content: Uint8Array, folder: string): Promise<string | null> {
  try {
    const zip = await fromBufferPromise(Buffer.from(content), { strictFileNames: true })
    for await (const entry of zip.eachEntry()) {
      const path = join(folder, entry.fileName)
      await mkdir(entry.fileName.endsWith('/') ? path : dirname(path), { recursive: true })
      if (!entry.fileName.endsWith('/')) await writeFile(path, await zip.openReadStreamPromise(entry))
    }
    return null
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
