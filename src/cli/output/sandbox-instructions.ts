import { exampleBranch } from '../../app/choose-branch.js'
import type { Graph } from '../../model/graph.js'

export interface SandboxInstructionsOptions {
  graph: Graph
  sandboxDirectory: string
  /** Where the embedded GitHub listens, without a slash at the end. */
  url: string
  token: string
  /** The service that builds changes; null: `orch run` does. */
  service: { loginUrl: string; quietMs: number } | null
}

/** Instructions for the use of the embedded GitHub with git and curl. */
export function sandboxInstructions(options: SandboxInstructionsOptions): string {
  const { graph, sandboxDirectory, url, token, service } = options
  const repo = graph.jobs[1]?.repo ?? graph.jobs[0]?.repo ?? 'owner/name'
  const branch = exampleBranch(graph)
  const remote = url.replace('://', `://developer:${token}@`)
  const build = service === null ? `  build       orch run ${branch} --sandbox\n` : ''
  const dashboard = service === null ? '' : dashboardText(service)
  return `The embedded GitHub listens on ${url} (this machine only); it keeps its state in ${sandboxDirectory}.
It runs the builds of its repositories as programs on this machine, with your rights: push only what you would run yourself.

  export SANDBOX_TOKEN=${token}

  clone       git clone ${remote}/${repo}.git
  push        cd ${repo.split('/')[1] ?? repo} && git switch -c ${branch} && git commit --allow-empty -m 'A change' && git push origin ${branch}
  open a PR   curl -X POST ${url}/repos/${repo}/pulls -H "Authorization: Bearer $SANDBOX_TOKEN" \\
                -d '{"title": "A change", "head": "${branch}", "base": "main"}'
${build}  merge       curl -X PUT ${url}/repos/${repo}/pulls/1/merge -H "Authorization: Bearer $SANDBOX_TOKEN"
  look        ${url}/

${dashboard}Ctrl-C stops it.
`
}

function dashboardText({ loginUrl, quietMs }: { loginUrl: string; quietMs: number }): string {
  return `The service locks what you push at once, builds it after ${quietMs / 1000} seconds without another push, and unlocks it.
Watch it in the dashboard. This link logs you in, once:

  dashboard   ${loginUrl}

`
}
