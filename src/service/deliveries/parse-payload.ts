/** `json`: the payload as text. */
export type PayloadReading = { ok: true; payload: object; json: string } | { ok: false; problem: string }

/** GitHub's own payloads have about ten levels. Functions that visit a payload recursively must not run out of stack. */
const maxDepth = 100

/** The payload of a body in one of the two content types of GitHub's webhooks. */
export function parsePayload(contentType: string, body: string): PayloadReading {
  const type = contentType.split(';')[0]?.trim().toLowerCase() ?? ''
  if (type === 'application/json') return parseJson(body)
  if (type !== 'application/x-www-form-urlencoded') {
    const problem = 'the content type must be application/json or application/x-www-form-urlencoded'
    return { ok: false, problem }
  }
  const payload = new URLSearchParams(body).get('payload')
  return payload === null ? { ok: false, problem: 'the form has no field "payload"' } : parseJson(payload)
}

function parseJson(json: string): PayloadReading {
  if (isTooDeep(json)) return { ok: false, problem: `the JSON is nested deeper than ${maxDepth} levels` }
  let payload: unknown
  try {
    payload = JSON.parse(json)
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    return { ok: false, problem: 'the payload is not valid JSON' }
  }
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) {
    return { ok: false, problem: 'the payload is not a JSON object' }
  }
  return { ok: true, payload, json }
}

/** Counts brackets outside of strings, before anything is parsed. */
function isTooDeep(json: string): boolean {
  let depth = 0
  let isString = false
  for (let at = 0; at < json.length; at += 1) {
    const char = json[at]
    if (isString) {
      if (char === '\\') at += 1
      else if (char === '"') isString = false
    } else if (char === '"') isString = true
    else if (char === '{' || char === '[') depth += 1
    else if (char === '}' || char === ']') depth -= 1
    if (depth > maxDepth) return true
  }
  return false
}
