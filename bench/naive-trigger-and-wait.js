// A simple script for comparison: it dispatches, finds the run and polls it every five seconds. An example for `npm run bench -- --against`.
import { setTimeout } from 'node:timers/promises'

const { GITHUB_API_URL, GITHUB_REPOSITORY, GITHUB_TOKEN, WORKFLOW, REF } = process.env
const root = `${GITHUB_API_URL}/repos/${GITHUB_REPOSITORY}/actions`
const headers = { authorization: `Bearer ${GITHUB_TOKEN}` }
const interval = 5_000

async function ask(path, init = {}) {
  const response = await fetch(`${root}/${path}`, { headers, ...init })
  if (!response.ok) throw new Error(`${path} was answered with ${response.status}`)
  return response.status === 204 ? null : response.json()
}

await ask(`workflows/${WORKFLOW}/dispatches`, { method: 'POST', body: JSON.stringify({ ref: REF }) })
for (;;) {
  await setTimeout(interval)
  const { workflow_runs: runs } = await ask(`workflows/${WORKFLOW}/runs?branch=${REF}&event=workflow_dispatch`)
  const [run] = runs
  if (run?.status !== 'completed') continue
  process.exitCode = run.conclusion === 'success' ? 0 : 1
  break
}
