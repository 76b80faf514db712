import { chmod, mkdir, open, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'

/** What `orch serve --setup` stores about a GitHub App. Everything in it but the addresses is secret. */
export interface AppFile {
  appId: string
  slug: string
  /** Page of the App. */
  url: string
  privateKey: string
  /** Null: GitHub made none, because the App has no webhook. */
  webhookSecret: string | null
  clientId: string
  clientSecret: string
}

/** Where the App of a service is stored below its state directory. */
export const appFileName = 'app.json'

const keys = ['appId', 'slug', 'url', 'privateKey', 'clientId', 'clientSecret'] as const

/** `damaged`: it is not what `orch serve --setup` writes. */
export type AppFileReading = { kind: 'read'; file: AppFile } | { kind: 'absent' } | { kind: 'damaged' }

export async function readAppFile(path: string): Promise<AppFileReading> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return { kind: 'absent' }
    throw error
  }
  const file = parse(text)
  return file === null ? { kind: 'damaged' } : { kind: 'read', file }
}

/** Writes the file at once or not at all, readable for its owner only. */
export async function writeAppFile(path: string, file: AppFile): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const part = `${path}.part`
  const handle = await open(part, 'w', 0o600)
  try {
    // The mode of `open` does not apply to a file that was left over.
    await chmod(part, 0o600)
    await handle.writeFile(`${JSON.stringify(file, null, 2)}\n`)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(part, path)
}

function parse(text: string): AppFile | null {
  let content: unknown
  try {
    content = JSON.parse(text)
  } catch {
    // The error is not shown: it would quote the file, which is secret.
    return null
  }
  if (typeof content !== 'object' || content === null) return null
  const values = content as Record<string, unknown>
  const isText = (value: unknown): boolean => typeof value === 'string' && value !== ''
  const isWhole = keys.every((key) => isText(values[key]))
  const { webhookSecret } = values
  return isWhole && (webhookSecret === null || isText(webhookSecret)) ? (content as AppFile) : null
}
