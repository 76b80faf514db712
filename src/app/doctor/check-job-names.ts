import { readJobNames } from '../../config/workflow-jobs.js'
import type { Check } from '../../model/check.js'
import type { Graph } from '../../model/graph.js'
import type { RepoName } from '../../model/repo-name.js'
import type { DoctorHost } from './doctor-host.js'
import { concluded, failureFinding } from './findings.js'
import type { Finding } from './findings.js'

/** A workflow job creates a check run of its name, which counts like a status of that name. */
export async function checkJobNames(host: DoctorHost, { statusContext }: Graph, repo: RepoName): Promise<Check> {
  const texts = await host.readWorkflowTexts(repo)
  const findings = texts.ok
    ? texts.value.flatMap(({ workflow, text }): Finding[] => {
        const isNamed = readJobNames(text).some((name) => name.toLowerCase() === statusContext.toLowerCase())
        if (!isNamed) return []
        const message = `a job of ${workflow} is named ${statusContext}, so its result counts as the status`
        return [{ status: 'failed', message, fix: `Give the job another name in .github/workflows/${workflow}.` }]
      })
    : [failureFinding(texts.failure)]
  return concluded('job-names', repo, findings, `no workflow job is named ${statusContext}`)
}
