import { fromBufferPromise } from 'yauzl'
import type { Entry, ZipFile } from 'yauzl'
import { failureText } from '../../lib/failure-text.js'
import {
  contextNameProblem,
  contextProblem,
  maxContextBytes,
  maxContextFileBytes,
} from '../../model/flow/context-file.js'
import type { ContextFile } from '../../model/flow/context-file.js'
import type { Outcome } from './handed-run.js'

/** An empty entry takes place as well. */
const maxEntries = 10_000

/** Reads the context files of an artifact, a zip file that is not to be trusted. Nothing of it is written. */
export async function readArchive(content: Uint8Array): Promise<Outcome<ContextFile[]>> {
  try {
    const zip = await fromBufferPromise(Buffer.from(content), { strictFileNames: true })
    const files = await readEntries(zip)
    if (!files.ok) return files
    const problem = contextProblem(files.value)
    return problem === null ? files : refuse(problem.problem)
  } catch (error) {
    // A damaged file, a name that leads out of the folder, or an entry that is larger than it says.
    return refuse(`it is not a valid zip file: ${failureText(error)}`)
  }
}

async function readEntries(zip: ZipFile): Promise<Outcome<ContextFile[]>> {
  const files: ContextFile[] = []
  let sizeBytes = 0
  if (zip.entryCount > maxEntries) return refuse(`it has more than ${maxEntries} files`)
  for await (const entry of zip.eachEntry()) {
    const problem = entryProblem(entry)
    if (problem !== null) return refuse(problem)
    sizeBytes += entry.uncompressedSize
    if (sizeBytes > maxContextBytes) return refuse('the context files are larger than 10 MiB together')
    const text = decode(await readEntry(zip, entry))
    if (text === null)
      return refuse(`the context file ${JSON.stringify(entry.fileName)} is binary: only text is handed on`)
    files.push({ name: entry.fileName, content: text })
  }
  return { ok: true, value: files }
}

/** The type bits of a Unix mode. */
const typeBits = 0o170000
const regularFile = 0o100000

function entryProblem({ fileName, externalFileAttributes, uncompressedSize }: Entry): string | null {
  const name = JSON.stringify(fileName)
  const type = (externalFileAttributes >>> 16) & typeBits
  const nameProblem = contextNameProblem(fileName)
  if (nameProblem !== null) return `${name} is not a valid name of a context file: ${nameProblem}`
  if (type !== 0 && type !== regularFile) return `the context file ${name} is a link, a folder or a device`
  return uncompressedSize > maxContextFileBytes ? `the context file ${name} is larger than 1 MiB` : null
}

/** Throws if the entry does not have the size that it says. */
async function readEntry(zip: ZipFile, entry: Entry): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of (await zip.openReadStreamPromise(entry)) as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** Null: it is not UTF-8. */
function decode(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (error) {
    if (error instanceof TypeError) return null
    throw error
  }
}

function refuse(problem: string): { ok: false; problem: string } {
  return { ok: false, problem }
}
