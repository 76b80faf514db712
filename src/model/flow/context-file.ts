/** A text file that is handed to a flow with an event. It lies in `trigger-context/` of the run's folder. */
export interface ContextFile {
  /** A plain file name. */
  name: string
  content: string
}

/** Of one file as UTF-8, bytes. */
export const maxContextFileBytes = 1024 * 1024
/** Of all files of an event as UTF-8, bytes. */
export const maxContextBytes = 10 * 1024 * 1024
export const maxContextNameLength = 255

/** Names that Windows gives to devices, with any ending. */
const deviceName = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)/iu

/** Why this cannot be the name of a context file, as a clause; null: it can. */
export function contextNameProblem(name: string): string | null {
  if (name === '') return 'it is empty'
  if (new TextEncoder().encode(name).length > maxContextNameLength)
    return `it is longer than ${maxContextNameLength} bytes`
  if (name === '.' || name === '..') return 'it names a folder'
  if (/[/\\]/u.test(name)) return 'it contains a path separator'
  if (/\p{C}/u.test(name)) return 'it contains a control character'
  if (/[<>:"|?*]/u.test(name)) return 'it contains one of < > : " | ? *'
  if (/[. ]$/u.test(name)) return 'it ends with a full stop or a space'
  if (deviceName.test(name)) return 'it is the name of a device'
  return null
}

/** A problem of the context files of an event. `field` is its place in the event, such as `context.files[2].name`. */
export interface ContextProblem {
  field: string
  problem: string
}

/** The first problem of these files together; null: they can be handed on. */
export function contextProblem(files: readonly ContextFile[]): ContextProblem | null {
  const names = new Set<string>()
  let sizeBytes = 0
  for (const [index, { name, content }] of files.entries()) {
    const field = `context.files[${index}]`
    const problem = contextNameProblem(name)
    if (problem !== null)
      return {
        field: `${field}.name`,
        problem: `${JSON.stringify(name)} is not a valid name of a context file: ${problem}`,
      }
    // Some file systems do not distinguish case or the form of an accent.
    const key = name.normalize('NFC').toLowerCase()
    if (names.has(key))
      return { field: `${field}.name`, problem: `the context file ${JSON.stringify(name)} is given twice` }
    names.add(key)
    if (content.includes('\0') || !content.isWellFormed())
      return {
        field: `${field}.content`,
        problem: `the context file ${JSON.stringify(name)} is binary: only text is handed on`,
      }
    const bytes = new TextEncoder().encode(content).length
    if (bytes > maxContextFileBytes)
      return { field: `${field}.content`, problem: `the context file ${JSON.stringify(name)} is larger than 1 MiB` }
    sizeBytes += bytes
    if (sizeBytes > maxContextBytes)
      return { field: 'context.files', problem: 'the context files are larger than 10 MiB together' }
  }
  return null
}
