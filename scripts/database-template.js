import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..')

/**
 * Writes the data directory that a new embedded database starts as to dist/ (docs/decisions/0032-embedded-database.md). Making it takes
 * seconds, so it is kept for as long as the version of PGlite stays the same.
 */
export async function writeDatabaseTemplate() {
  const { version } = JSON.parse(readFileSync(resolve(root, 'node_modules/@electric-sql/pglite/package.json'), 'utf8'))
  const cache = resolve(root, 'node_modules/.cache/orch')
  const kept = resolve(cache, `database-template-${version}.tar.gz`)
  if (!existsSync(kept)) {
    mkdirSync(cache, { recursive: true })
    const unfinished = `${kept}.${process.pid}`
    await createTemplate(unfinished)
    renameSync(unfinished, kept)
  }
  copyFileSync(kept, resolve(root, 'dist/database-template.tar.gz'))
}

/** Packed after an orderly end, so that the first start has nothing to recover. */
async function createTemplate(path) {
  const { PGlite } = await import('@electric-sql/pglite')
  const folder = mkdtempSync(join(tmpdir(), 'orch-template-'))
  try {
    const database = await PGlite.create(join(folder, 'database'))
    await database.close()
    execFileSync('tar', ['-czf', path, '-C', join(folder, 'database'), '.'])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
