import type { Check, Contents } from './check.js'
import { check, R, repo } from './check.js'

const ARTIFACT = `${R}/actions/artifacts/{artifact_id}`

/** Adds an artifact to the running run, and returns its path. */
function uploaded({ execution }: Contents, retentionDays: number | null = null): string {
  const content = Buffer.from('a zip file')
  const saved = execution.openJob().saveArtifact({ name: 'dist', content, retentionDays, overwrite: false })
  if (!saved.ok) throw new Error(saved.message)
  return `${repo}/actions/artifacts/${saved.id}`
}

function download({ sandbox }: Contents, path: string): Promise<Response> {
  const headers = { authorization: `Bearer ${sandbox.token}` }
  return sandbox.fetch(new Request(`http://127.0.0.1${path}/zip`, { headers, redirect: 'manual' }))
}

/** The checks of the artifacts of workflow runs. */
export const artifactChecks: Check[] = [
  check(`GET ${R}/actions/artifacts`, 200, (c) => {
    uploaded(c)
    return c.call('GET', `${repo}/actions/artifacts?name=dist`)
  }),
  check(`GET ${R}/actions/runs/{run_id}/artifacts`, 200, (c) => {
    uploaded(c)
    return c.call('GET', `${repo}/actions/runs/${c.running}/artifacts`)
  }),
  check(`GET ${ARTIFACT}`, 200, (c) => c.call('GET', uploaded(c))),
  check(`DELETE ${ARTIFACT}`, 204, (c) => c.call('DELETE', uploaded(c))),
  check(`GET ${ARTIFACT}/{archive_format}`, 302, (c) => download(c, uploaded(c))),
  check(`GET ${ARTIFACT}/{archive_format}`, 410, (c) => {
    const path = uploaded(c, 1)
    c.clock.advance(86_400_000)
    return download(c, path)
  }),
]
