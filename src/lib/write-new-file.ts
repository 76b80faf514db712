import { randomBytes } from 'node:crypto'
import { link, open, rm } from 'node:fs/promises'

/** `exists`: something else is there, and is unchanged. `failed`: `code` is that of the operating system, such as EACCES. */
export type WriteNewResult = { kind: 'written' } | { kind: 'exists' } | { kind: 'failed'; code: string }

/**
 * Creates a file as a whole, or not at all: it is written beside its place and linked there, and unlike a rename, a link never replaces
 * another file.
 */
export async function writeNewFile(path: string, text: string): Promise<WriteNewResult> {
  const fresh = `${path}.${randomBytes(6).toString('hex')}.tmp`
  try {
    const file = await open(fresh, 'wx')
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    await link(fresh, path)
    return { kind: 'written' }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : null
    if (code === null) throw error
    return code === 'EEXIST' ? { kind: 'exists' } : { kind: 'failed', code }
  } finally {
    await rm(fresh, { force: true })
  }
}
