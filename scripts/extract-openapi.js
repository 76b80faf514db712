// Writes tests/contract/github-openapi.json: the answers of the endpoints that the sandbox serves, from GitHub's published OpenAPI description, as
// JSON Schema. The description itself (npm package @octokit/openapi) is too large to be a dependency.
//
//   node scripts/extract-openapi.js              fetches the package with npm
//   node scripts/extract-openapi.js <folder>     reads the package from the folder of its package.json
import { writeFileSync } from 'node:fs'

import { componentSchemas, jsonSchema, readDescription } from './openapi-schema.js'

const OUTPUT = new URL('../tests/contract/github-openapi.json', import.meta.url)

const ENDPOINTS = {
  '/': ['get'],
  '/zen': ['get'],
  '/user': ['get'],
  '/rate_limit': ['get'],
  '/user/repos': ['get', 'post'],
  '/users/{username}': ['get'],
  '/users/{username}/installation': ['get'],
  '/app': ['get'],
  '/app/installations': ['get'],
  '/app/installations/{installation_id}': ['get', 'delete'],
  '/app/installations/{installation_id}/suspended': ['put', 'delete'],
  '/app/installations/{installation_id}/access_tokens': ['post'],
  '/app/hook/config': ['get', 'patch'],
  '/app/hook/deliveries': ['get'],
  '/app/hook/deliveries/{delivery_id}': ['get'],
  '/app/hook/deliveries/{delivery_id}/attempts': ['post'],
  '/app-manifests/{code}/conversions': ['post'],
  '/apps/{app_slug}': ['get'],
  '/installation/repositories': ['get'],
  '/installation/token': ['delete'],
  '/orgs/{org}/installation': ['get'],
  '/orgs/{org}/repos': ['get', 'post'],
  '/users/{username}/repos': ['get'],
  '/repos/{owner}/{repo}': ['get'],
  '/repos/{owner}/{repo}/activity': ['get'],
  '/repos/{owner}/{repo}/topics': ['get', 'put'],
  '/repos/{owner}/{repo}/forks': ['get', 'post'],
  '/repos/{owner}/{repo}/installation': ['get'],
  '/repos/{owner}/{repo}/collaborators/{username}/permission': ['get'],
  '/repos/{owner}/{repo}/issues/{issue_number}/comments': ['get', 'post'],
  '/repos/{owner}/{repo}/issues/comments/{comment_id}': ['get', 'patch', 'delete'],
  '/repos/{owner}/{repo}/issues/comments/{comment_id}/reactions': ['get', 'post'],
  '/repos/{owner}/{repo}/check-runs': ['post'],
  '/repos/{owner}/{repo}/check-runs/{check_run_id}': ['get', 'patch'],
  '/repos/{owner}/{repo}/commits/{ref}/check-runs': ['get'],
  '/repos/{owner}/{repo}/branches': ['get'],
  '/repos/{owner}/{repo}/branches/{branch}': ['get'],
  '/repos/{owner}/{repo}/git/ref/{ref}': ['get'],
  '/repos/{owner}/{repo}/git/matching-refs/{ref}': ['get'],
  '/repos/{owner}/{repo}/git/refs': ['post'],
  '/repos/{owner}/{repo}/git/refs/{ref}': ['patch', 'delete'],
  '/repos/{owner}/{repo}/statuses/{sha}': ['post'],
  '/repos/{owner}/{repo}/commits/{ref}/statuses': ['get'],
  '/repos/{owner}/{repo}/commits/{ref}/status': ['get'],
  '/repos/{owner}/{repo}/commits': ['get'],
  '/repos/{owner}/{repo}/commits/{ref}': ['get'],
  '/repos/{owner}/{repo}/commits/{commit_sha}/pulls': ['get'],
  '/repos/{owner}/{repo}/compare/{basehead}': ['get'],
  '/repos/{owner}/{repo}/contents/{path}': ['get', 'put', 'delete'],
  '/repos/{owner}/{repo}/pulls': ['get', 'post'],
  '/repos/{owner}/{repo}/pulls/{pull_number}': ['get', 'patch'],
  '/repos/{owner}/{repo}/pulls/{pull_number}/merge': ['put'],
  '/repos/{owner}/{repo}/rulesets': ['get', 'post'],
  '/repos/{owner}/{repo}/rulesets/{ruleset_id}': ['get', 'put', 'delete'],
  '/repos/{owner}/{repo}/rules/branches/{branch}': ['get'],
  '/repos/{owner}/{repo}/dispatches': ['post'],
  '/repos/{owner}/{repo}/actions/workflows': ['get'],
  '/repos/{owner}/{repo}/actions/workflows/{workflow_id}': ['get'],
  '/repos/{owner}/{repo}/actions/workflows/{workflow_id}/enable': ['put'],
  '/repos/{owner}/{repo}/actions/workflows/{workflow_id}/disable': ['put'],
  '/repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches': ['post'],
  '/repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs': ['get'],
  '/repos/{owner}/{repo}/actions/runs': ['get'],
  '/repos/{owner}/{repo}/actions/runs/{run_id}': ['get'],
  '/repos/{owner}/{repo}/actions/runs/{run_id}/attempts/{attempt_number}': ['get'],
  '/repos/{owner}/{repo}/actions/runs/{run_id}/attempts/{attempt_number}/jobs': ['get'],
  '/repos/{owner}/{repo}/actions/runs/{run_id}/cancel': ['post'],
  '/repos/{owner}/{repo}/actions/runs/{run_id}/force-cancel': ['post'],
  '/repos/{owner}/{repo}/actions/runs/{run_id}/rerun': ['post'],
  '/repos/{owner}/{repo}/actions/runs/{run_id}/rerun-failed-jobs': ['post'],
  '/repos/{owner}/{repo}/actions/runs/{run_id}/jobs': ['get'],
  '/repos/{owner}/{repo}/actions/runs/{run_id}/approvals': ['get'],
  '/repos/{owner}/{repo}/actions/runs/{run_id}/pending_deployments': ['get', 'post'],
  '/repos/{owner}/{repo}/environments': ['get'],
  '/repos/{owner}/{repo}/environments/{environment_name}': ['get', 'put', 'delete'],
  '/repos/{owner}/{repo}/hooks': ['get', 'post'],
  '/repos/{owner}/{repo}/hooks/{hook_id}': ['get', 'patch', 'delete'],
  '/repos/{owner}/{repo}/hooks/{hook_id}/config': ['get', 'patch'],
  '/repos/{owner}/{repo}/hooks/{hook_id}/pings': ['post'],
  '/repos/{owner}/{repo}/hooks/{hook_id}/tests': ['post'],
  '/repos/{owner}/{repo}/hooks/{hook_id}/deliveries': ['get'],
  '/repos/{owner}/{repo}/hooks/{hook_id}/deliveries/{delivery_id}': ['get'],
  '/repos/{owner}/{repo}/hooks/{hook_id}/deliveries/{delivery_id}/attempts': ['post'],
  '/orgs/{org}/hooks': ['get', 'post'],
  '/orgs/{org}/hooks/{hook_id}': ['get', 'patch', 'delete'],
  '/orgs/{org}/hooks/{hook_id}/config': ['get', 'patch'],
  '/orgs/{org}/hooks/{hook_id}/pings': ['post'],
  '/orgs/{org}/hooks/{hook_id}/deliveries': ['get'],
  '/orgs/{org}/hooks/{hook_id}/deliveries/{delivery_id}': ['get'],
  '/orgs/{org}/hooks/{hook_id}/deliveries/{delivery_id}/attempts': ['post'],
  '/repos/{owner}/{repo}/actions/artifacts': ['get'],
  '/repos/{owner}/{repo}/actions/artifacts/{artifact_id}': ['get', 'delete'],
  '/repos/{owner}/{repo}/actions/artifacts/{artifact_id}/{archive_format}': ['get'],
  '/repos/{owner}/{repo}/actions/runs/{run_id}/artifacts': ['get'],
  '/repos/{owner}/{repo}/actions/jobs/{job_id}': ['get'],
  '/repos/{owner}/{repo}/actions/jobs/{job_id}/logs': ['get'],
}

/**
 * Schemas that replace those of the description. Its list of installations says that an account is a user and an enterprise at once; its description of
 * one installation says that it is either.
 */
const CORRECTIONS = {
  'get /app/installations 200': { type: 'array', items: { $ref: '#/components/schemas/installation' } },
}

/** Extracts the schema of each content type of an answer, and the names of its headers. */
function answer(response, components, seen) {
  if (response.$ref !== undefined) {
    return answer(components.responses[response.$ref.replace('#/components/responses/', '')], components, seen)
  }
  const content = Object.entries(response.content ?? {}).map(([type, media]) => [
    type,
    jsonSchema(media.schema ?? {}, seen),
  ])
  const headers = Object.keys(response.headers ?? {})
  return {
    ...(content.length > 0 && { content: Object.fromEntries(content) }),
    ...(headers.length > 0 && { headers }),
  }
}

function extract({ version, description }) {
  const seen = new Set()
  const paths = {}
  for (const [path, methods] of Object.entries(ENDPOINTS)) {
    paths[path] = {}
    for (const method of methods) {
      const operation = description.paths[path]?.[method]
      if (operation === undefined) throw new Error(`the description has no ${method} ${path}`)
      const answers = Object.entries(operation.responses)
      paths[path][method] = Object.fromEntries(
        answers.map(([status, response]) => {
          const schema = CORRECTIONS[`${method} ${path} ${status}`]
          const used = schema === undefined ? response : { ...response, content: { 'application/json': { schema } } }
          return [status, answer(used, description.components, seen)]
        }),
      )
    }
  }
  const schemas = componentSchemas(description.components, seen)
  return { source: `@octokit/openapi ${version}, generated/api.github.com.json`, paths, schemas }
}

const [folder] = process.argv.slice(2)
const extracted = extract(readDescription('@octokit/openapi', '23', folder))
writeFileSync(OUTPUT, `${JSON.stringify(extracted)}\n`)
console.log(`${extracted.source}: ${Object.keys(extracted.schemas).length} schemas`)
