import { exchangeWebFlowCode, getWebFlowAuthorizationUrl } from '@octokit/oauth-methods'
import { Octokit } from '@octokit/rest'
import { failureText } from '../../../lib/failure-text.js'

/** Login on GitHub's pages, through the OAuth of the GitHub App (authorization code with state and PKCE). */
export interface GitHubOAuth {
  /** The page of GitHub where the person agrees. `challenge`: base64url of the sha256 of the verifier. */
  authorizationUrl(request: { state: string; challenge: string; redirectUrl: string }): string
  /** The person's token in exchange for the code that GitHub returned. */
  exchange(answer: {
    code: string
    verifier: string
    redirectUrl: string
  }): Promise<{ ok: true; token: string } | { ok: false; problem: string }>
}

export interface GitHubOAuthOptions {
  clientId: string
  clientSecret: string
  /** Root of the API, such as `https://api.github.com`; the pages are found from it. */
  apiUrl: string
  fetch: typeof fetch
}

export function createGitHubOAuth({ clientId, clientSecret, apiUrl, fetch }: GitHubOAuthOptions): GitHubOAuth {
  const requestWith = (parameters: Record<string, string>) =>
    new Octokit({ baseUrl: apiUrl, request: { fetch } }).request.defaults(parameters)
  return {
    authorizationUrl: ({ state, challenge, redirectUrl }) => {
      const { url } = getWebFlowAuthorizationUrl({
        clientType: 'github-app',
        clientId,
        redirectUrl,
        state,
        request: requestWith({ baseUrl: apiUrl }),
      })
      const page = new URL(url)
      page.searchParams.set('code_challenge', challenge)
      page.searchParams.set('code_challenge_method', 'S256')
      return page.href
    },
    exchange: async ({ code, verifier, redirectUrl }) => {
      try {
        const { authentication } = await exchangeWebFlowCode({
          clientType: 'github-app',
          clientId,
          clientSecret,
          code,
          redirectUrl,
          // The library knows no verifier; a default parameter is sent with its own.
          request: requestWith({ baseUrl: apiUrl, code_verifier: verifier }),
        })
        return { ok: true, token: authentication.token }
      } catch (error) {
        return { ok: false, problem: failureText(error) }
      }
    },
  }
}
