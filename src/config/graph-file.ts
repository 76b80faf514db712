import type { Graph } from '../model/graph.js'
import type { Diagnostic } from '../model/diagnostic.js'
import { checkGraph } from './graph-rules.js'
import { readGraphSettings } from './graph-settings.js'
import { readJob } from './job-entry.js'
import { Problems } from './yaml/problems.js'
import { readYaml, withoutByteOrderMark } from './yaml/read-yaml.js'

/**
 * Reads the text of `orchestrator.yaml`. Reports all problems at once, in the order of the file; warnings do not stop a command.
 * Never throws for any text; refuses more than 1 MB unread. docs/graph-file.md describes the file.
 */
export function parseGraphFile(
  text: string,
): { ok: true; graph: Graph; warnings: Diagnostic[] } | { ok: false; diagnostics: Diagnostic[] } {
  const problems = new Problems()
  const content = withoutByteOrderMark(text)
  const graph = readGraph(content, problems)
  const diagnostics = problems.toDiagnostics(content)
  if (problems.hasErrors) return { ok: false, diagnostics }
  if (!graph) throw new Error('a graph file without errors gave no graph')
  return { ok: true, graph, warnings: diagnostics }
}

function readGraph(text: string, problems: Problems): Graph | undefined {
  const root = readYaml(text, problems)
  const settings = root && readGraphSettings(root, problems)
  if (!settings) return undefined
  const entries = settings.jobs.map((entry) => readJob(entry, settings, problems))
  const jobs = checkGraph(entries, settings, problems)
  if (!jobs) return undefined
  const { branches, statusContext, failFast, maxParallel, trustedAuthors, freshForMs } = settings
  const { membersWithoutPullRequest, stackedPullRequests, otherPullRequests, autoRun, concurrency, schedule, slack } =
    settings
  const freshness = {
    ...(trustedAuthors === undefined ? {} : { trustedAuthors }),
    ...(freshForMs === undefined ? {} : { freshForMs }),
  }
  const pullRequests = {
    ...(membersWithoutPullRequest === undefined ? {} : { membersWithoutPullRequest }),
    ...(stackedPullRequests === undefined ? {} : { stackedPullRequests }),
  }
  const service = {
    ...(otherPullRequests === undefined ? {} : { otherPullRequests }),
    ...(autoRun === undefined ? {} : { autoRun }),
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(schedule === undefined ? {} : { schedule }),
    ...(slack === undefined ? {} : { slack }),
  }
  return { branches, statusContext, failFast, maxParallel, ...freshness, ...pullRequests, ...service, jobs }
}
