import { at } from '../sandbox/api/world.js'
import type { Check, Contents } from './check.js'
import { check, R, repo } from './check.js'

const COMMENTS = `${R}/issues/{issue_number}/comments`
const COMMENT = `${R}/issues/comments/{comment_id}`
const comments = `${repo}/issues/1/comments`

/** Writes a comment with a reaction; returns its path. */
async function commented({ call, json }: Contents): Promise<string> {
  const { body } = await json('POST', comments, { body: '/orch run' })
  const path = `${repo}/issues/comments/${String(at(body, 'id'))}`
  await call('POST', `${path}/reactions`, { content: 'eyes' })
  return path
}

const ofComment =
  (method: string, rest = '', body?: unknown): Check['call'] =>
  async (c) =>
    c.call(method, `${await commented(c)}${rest}`, body)

/** Answers about comments, reactions and collaborators. */
export const commentChecks: Check[] = [
  check(`GET ${COMMENTS}`, 200, async (c) => {
    await commented(c)
    return c.call('GET', comments)
  }),
  check(`GET ${COMMENTS}`, 404, (c) => c.call('GET', `${repo}/issues/99/comments`)),
  check(`POST ${COMMENTS}`, 201, (c) => c.call('POST', comments, { body: 'x' })),
  check(`POST ${COMMENTS}`, 422, (c) => c.call('POST', comments, { body: '' })),
  check(`GET ${COMMENT}`, 200, ofComment('GET')),
  check(`GET ${COMMENT}`, 404, (c) => c.call('GET', `${repo}/issues/comments/1`)),
  check(`PATCH ${COMMENT}`, 200, ofComment('PATCH', '', { body: 'y' })),
  check(`PATCH ${COMMENT}`, 422, ofComment('PATCH', '', { body: '' })),
  check(`DELETE ${COMMENT}`, 204, ofComment('DELETE')),
  check(`GET ${COMMENT}/reactions`, 200, ofComment('GET', '/reactions')),
  check(`POST ${COMMENT}/reactions`, 201, ofComment('POST', '/reactions', { content: 'rocket' })),
  check(`POST ${COMMENT}/reactions`, 200, ofComment('POST', '/reactions', { content: 'eyes' })),
  check(`POST ${COMMENT}/reactions`, 422, ofComment('POST', '/reactions', { content: 'tada' })),
  check(`GET ${R}/collaborators/{username}/permission`, 200, (c) => {
    c.sandbox.admin.setRole('ada', 'triage')
    return c.call('GET', `${repo}/collaborators/ada/permission`)
  }),
  check(`GET ${R}/collaborators/{username}/permission`, 404, (c) => {
    return c.call('GET', `${repo}/collaborators/nobody/permission`)
  }),
]
