import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { build } from 'esbuild'

const root = resolve(import.meta.dirname, '..')

/** What decides how a new database looks. */
const sources = [
  'node_modules/@electric-sql/pglite/package.json',
  'node_modules/@dbos-inc/dbos-sdk/package.json',
  'src/service/database/migrations.ts',
  'src/service/prepare-database.ts',
  'scripts/database-template.js',
]

/**
 * Writes the data directory that a new embedded database starts as to dist/ (docs/decisions/0032-embedded-database.md). Making it takes
 * seconds, so it is kept until one of its sources changes.
 */
export async function writeDatabaseTemplate() {
  const digest = createHash('sha256')
  for (const source of sources) digest.update(readFileSync(resolve(root, source)))
  const cache = resolve(root, 'node_modules/.cache/orch')
  const kept = resolve(cache, `database-template-${digest.digest('hex').slice(0, 16)}.tar.gz`)
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
  const folder = mkdtempSync(join(tmpdir(), 'orch-template-'))
  try {
    // Below the root, so that the packages are found. A program of its own: in dist/ it would split the chunks of the command.
    const program = `${path}.mjs`
    await build({
      absWorkingDir: root,
      entryPoints: ['src/cli/prepare-database.ts'],
      outfile: program,
      bundle: true,
      packages: 'external',
      format: 'esm',
      platform: 'node',
      target: 'node20',
      logLevel: 'warning',
    })
    execFileSync(process.execPath, [program, folder], { stdio: 'inherit' })
    rmSync(program)
    execFileSync('tar', ['-czf', path, '-C', join(folder, 'service/database'), '.'])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
