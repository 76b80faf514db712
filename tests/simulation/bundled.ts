import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import type * as CheckHistory from './check-history.js'

/**
 * `checkHistory` as one file with all modules that it needs. Within a file V8 calls functions directly; between Vitest's modules each call
 * looks up an export first, which made the histories a sixth slower.
 */
export async function bundledCheck(): Promise<typeof CheckHistory.checkHistory> {
  const outfile = join(mkdtempSync(join(tmpdir(), 'orch-simulation-')), 'check-history.mjs')
  await build({
    absWorkingDir: import.meta.dirname,
    entryPoints: ['check-history.ts'],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    sourcemap: 'inline',
  })
  const { checkHistory } = (await import(pathToFileURL(outfile).href)) as typeof CheckHistory
  return checkHistory
}
