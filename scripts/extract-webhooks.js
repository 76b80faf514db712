// Writes tests/contract/github-webhooks.json: the payloads of the webhook events that the sandbox emits, from GitHub's published description of its
// webhooks, as JSON Schema. The description itself (npm package @octokit/openapi-webhooks) is too large to be a dependency.
//
//   node scripts/extract-webhooks.js              fetches the package with npm
//   node scripts/extract-webhooks.js <folder>     reads the package from the folder of its package.json
import { writeFileSync } from 'node:fs'

import { componentSchemas, jsonSchema, readDescription } from './openapi-schema.js'

const OUTPUT = new URL('../tests/contract/github-webhooks.json', import.meta.url)

/** Events, each with its actions. */
const EVENTS = {
  ping: [],
  push: [],
  create: [],
  delete: [],
  pull_request: [
    'opened',
    'reopened',
    'closed',
    'synchronize',
    'edited',
    'ready_for_review',
    'converted_to_draft',
    'enqueued',
    'dequeued',
  ],
  workflow_run: ['requested', 'in_progress', 'completed'],
  workflow_dispatch: [],
  repository_dispatch: ['sample.collected'],
  status: [],
  merge_group: ['checks_requested', 'destroyed'],
  check_run: ['created', 'completed'],
  issue_comment: ['created', 'edited', 'deleted'],
  installation: ['created', 'deleted', 'suspend', 'unsuspend', 'new_permissions_accepted'],
  installation_repositories: ['added', 'removed'],
}

/** Returns the payload of each event, by the name of its webhook such as `pull-request-opened`. */
function extract({ version, description }) {
  const seen = new Set()
  const webhooks = {}
  for (const [event, actions] of Object.entries(EVENTS)) {
    for (const action of actions.length === 0 ? [''] : actions) {
      const name = [event, action].filter(Boolean).join('-').replaceAll('_', '-')
      const webhook = description.webhooks[name]
      if (webhook === undefined) throw new Error(`the description has no webhook ${name}`)
      webhooks[name] = jsonSchema(webhook.post.requestBody.content['application/json'].schema, seen)
    }
  }
  const schemas = componentSchemas(description.components, seen)
  return { source: `@octokit/openapi-webhooks ${version}, generated/api.github.com.json`, webhooks, schemas }
}

const [folder] = process.argv.slice(2)
const extracted = extract(readDescription('@octokit/openapi-webhooks', '12', folder))
writeFileSync(OUTPUT, `${JSON.stringify(extracted)}\n`)
console.log(`${extracted.source}: ${Object.keys(extracted.schemas).length} schemas`)
