import { expect } from 'vitest'
import type { HttpApp, HttpOptions } from '../../../src/service/http/http-app.js'
import { apiToken, ask, asBrowser, origin } from '../pages-world.js'
import type { AskOptions, PagesWorld } from '../pages-world.js'

function cookieOf(response: Response): string {
  return response.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0])
    .join('; ')
}

/** A browser that keeps its cookies and follows no redirect. */
export class Browser {
  cookie = ''
  private readonly app: HttpApp
  constructor(app: HttpApp) {
    this.app = app
  }

  async open(path: string, { headers = {}, ...options }: AskOptions = {}): Promise<Response> {
    const own = { ...asBrowser, ...(this.cookie === '' ? {} : { cookie: this.cookie }) }
    const response = await ask(this.app, path, { ...options, headers: { ...own, ...headers } })
    const cookie = cookieOf(response)
    if (cookie !== '') this.cookie = cookie
    return response
  }

  submit(path: string, form: Record<string, string>, from = origin): Promise<Response> {
    return this.open(path, { form, headers: { origin: from } })
  }

  async formToken(): Promise<string> {
    const page = await (await this.open('/nothing')).text()
    return /name="form-token" value="([^"]+)"/u.exec(page)?.[1] ?? ''
  }
}

export async function loggedIn(
  world: PagesWorld,
  token = apiToken,
  options: Partial<HttpOptions> = {},
): Promise<Browser> {
  const browser = new Browser(world.app(options))
  expect((await browser.submit('/login', { token, next: '/workers' })).status).toBe(303)
  return browser
}
