// Writes tests/contract/github-openapi.json: the answers of the endpoints that the sandbox serves, from GitHub's published OpenAPI description, as
// JSON Schema. The description itself (npm package @octokit/openapi) is too large to be a dependency.
//
//   node scripts/extract-openapi.js              fetches the package with npm
//   node scripts/extract-openapi.js <folder>     reads the package from the folder of its package.json
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const PACKAGE = '@octokit/openapi@23'
const OUTPUT = new URL('../tests/contract/github-openapi.json', import.meta.url)

const ENDPOINTS = {
  '/': ['get'],
  '/zen': ['get'],
  '/user': ['get'],
  '/rate_limit': ['get'],
  '/user/repos': ['post'],
  '/orgs/{org}/repos': ['post'],
  '/repos/{owner}/{repo}': ['get'],
  '/repos/{owner}/{repo}/activity': ['get'],
  '/repos/{owner}/{repo}/forks': ['get', 'post'],
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
  '/repos/{owner}/{repo}/actions/jobs/{job_id}': ['get'],
  '/repos/{owner}/{repo}/actions/jobs/{job_id}/logs': ['get'],
}

/** Keywords of a schema that do not constrain answers. */
const IGNORED = new Set([
  'title',
  'description',
  'example',
  'examples',
  'default',
  'externalDocs',
  'deprecated',
  'readOnly',
])

function read(folder) {
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  return { version, description: JSON.parse(readFileSync(join(folder, 'generated/api.github.com.json'), 'utf8')) }
}

function fetchAndRead() {
  const folder = mkdtempSync(join(tmpdir(), 'openapi-'))
  try {
    execFileSync('npm', ['install', '--silent', '--no-save', '--prefix', folder, PACKAGE], { stdio: 'inherit' })
    return read(join(folder, 'node_modules/@octokit/openapi'))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Converts a schema of OpenAPI 3.0 to JSON Schema: without the ignored keywords, and with the type `null` instead of `nullable`. */
function jsonSchema(schema, seen) {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.replace('#/components/schemas/', '')
    seen.add(name)
    return { $ref: `#/schemas/${name}` }
  }
  const result = {}
  for (const [keyword, value] of Object.entries(schema)) {
    if (IGNORED.has(keyword) || keyword === 'nullable' || keyword.startsWith('x-')) continue
    // GitHub's alternatives overlap (errors without required fields), so `oneOf` would refuse valid answers.
    result[keyword === 'oneOf' ? 'anyOf' : keyword] = convert(keyword, value, seen)
  }
  return schema.nullable === true ? nullable(result) : result
}

function convert(keyword, value, seen) {
  switch (keyword) {
    case 'properties':
      return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, jsonSchema(inner, seen)]))
    case 'items':
    case 'not':
      return jsonSchema(value, seen)
    case 'additionalProperties':
      return typeof value === 'object' ? jsonSchema(value, seen) : value
    case 'allOf':
    case 'anyOf':
    case 'oneOf':
      return value.map((inner) => jsonSchema(inner, seen))
    default:
      return value
  }
}

function nullable(schema) {
  if (schema.type === undefined) return { anyOf: [schema, { type: 'null' }] }
  const allowed = schema.enum === undefined || schema.enum.includes(null) ? schema.enum : [...schema.enum, null]
  return { ...schema, type: [schema.type, 'null'], ...(allowed && { enum: allowed }) }
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
        answers.map(([status, response]) => [status, answer(response, description.components, seen)]),
      )
    }
  }
  const schemas = {}
  // Each schema may add others to `seen`, and the iterator of a Set also visits those.
  for (const name of seen) schemas[name] = jsonSchema(description.components.schemas[name], seen)
  return { source: `@octokit/openapi ${version}, generated/api.github.com.json`, paths, schemas }
}

const [folder] = process.argv.slice(2)
const extracted = extract(folder === undefined ? fetchAndRead() : read(folder))
writeFileSync(OUTPUT, `${JSON.stringify(extracted)}\n`)
console.log(`${extracted.source}: ${Object.keys(extracted.schemas).length} schemas`)
