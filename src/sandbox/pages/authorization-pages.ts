import { createCode } from '../apps/codes.js'
import type { LoginError } from '../apps/login.js'
import { callbackOf, findClient, WRONG_REDIRECT } from '../apps/login.js'
import type { App } from '../state/app-model.js'
import { escape, page } from './html.js'
import type { PageRequest } from './page-request.js'
import { form, formOf, hiddenFields, redirectWith, submittedForm } from './page-request.js'

const AUTHORIZE = '/login/oauth/authorize'

/** The parameters that the form takes over. */
const PARAMETERS = ['client_id', 'redirect_uri', 'state', 'code_challenge', 'code_challenge_method']

/** The pages by which a user logs in to a program through an App. */
export function authorizationPages(asked: PageRequest): Response | null {
  const { path, request } = asked
  if (path !== AUTHORIZE) return null
  if (request.method === 'POST') return decide(asked)
  return request.method === 'GET' ? ask(asked) : null
}

/** What a program asks for when it sends the browser here. */
interface Login {
  app: App
  /** Where the browser returns to. */
  callback: string
  redirectUri: string | null
  state: string | null
  codeChallenge: string | null
}

/** Reads the parameters of a login, or returns the answer that refuses it. */
function readLogin({ world }: PageRequest, parameters: URLSearchParams): Login | Response | null {
  const app = findClient(world, parameters.get('client_id') ?? '')
  if (app === undefined) return null
  const redirectUri = parameters.get('redirect_uri')
  const state = parameters.get('state')
  const callback = callbackOf(app, redirectUri)
  if (callback === null) return refuse(callbackOf(app, null), WRONG_REDIRECT, state)
  const codeChallenge = parameters.get('code_challenge')
  if (codeChallenge !== null && parameters.get('code_challenge_method') !== 'S256') {
    return refuse(callback, { error: 'invalid_request', description: 'The code_challenge_method must be S256.' }, state)
  }
  return { app, callback, redirectUri, state, codeChallenge }
}

/** Sends the browser back with an error, to no other address than a registered one. */
function refuse(callback: string | null, { error, description }: LoginError, state: string | null): Response {
  if (callback === null) return page('Authorization failed', `<p>${escape(description)}</p>`, 422)
  return redirectWith(callback, { error, error_description: description, state })
}

function ask(asked: PageRequest): Response | null {
  const parameters = new URL(asked.request.url).searchParams
  const login = readLogin(asked, parameters)
  if (login === null || login instanceof Response) return login
  const { app } = login
  const content = `<p>${escape(app.name)} wants to verify your identity and to act on your behalf.</p>
<p><button name="authorize" value="1">Authorize ${escape(app.name)}</button></p>`
  const hidden = Object.fromEntries([...parameters].filter(([name]) => PARAMETERS.includes(name)))
  const button = '<button name="authorize" value="0">Cancel</button>'
  const cancel = `<form method="post" action="${AUTHORIZE}">${hiddenFields(hidden)}${button}</form>`
  return page(`Authorize ${app.name}`, `${form(AUTHORIZE, hidden, content)}${cancel}`)
}

function decide(asked: PageRequest): Response | null {
  const fields = formOf(asked)
  const login = readLogin(asked, fields)
  if (login === null || login instanceof Response) return login
  const { app, callback, redirectUri, codeChallenge, state } = login
  if (fields.get('authorize') !== '1') {
    const description = 'The user has denied your application access.'
    return refuse(callback, { error: 'access_denied', description }, state)
  }
  const submitted = submittedForm(asked)
  if (!submitted.ok) return submitted.page
  const accountId = submitted.user.id
  const code = createCode(asked.world, { kind: 'login', appId: app.id, accountId, redirectUri, codeChallenge })
  return redirectWith(callback, { code, state })
}
