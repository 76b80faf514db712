import { sanitize } from '../../lib/sanitize.js'
import { Layout } from './layout.js'

export interface LoginPageProps {
  /** The path to open after the login. */
  next: string
  /** Whether people can log in on GitHub's pages. */
  hasGitHub: boolean
  /** Why the last try failed; null: there was none. */
  problem: string | null
}

export function LoginPage({ next, hasGitHub, problem }: LoginPageProps) {
  return (
    <Layout title="Log in" visitor={null} section={null} isLive={false}>
      <div class="narrow">
        <h1>Log in</h1>
        {problem === null ? null : (
          <p class="notice bad wrap" role="alert" id="login-problem">
            {sanitize(problem)}
          </p>
        )}
        {hasGitHub ? (
          <>
            <p>
              <a class="button" href={`/login/github?next=${encodeURIComponent(next)}`}>
                Log in with GitHub
              </a>
            </p>
            <h2>Or use a token</h2>
          </>
        ) : null}
        <form method="post" action="/login" class="stack">
          <input type="hidden" name="next" value={next} />
          <label for="token">Token</label>
          <input
            id="token"
            name="token"
            type="password"
            required={true}
            autocomplete="current-password"
            spellcheck={false}
            aria-describedby={problem === null ? 'token-hint' : 'login-problem token-hint'}
            aria-invalid={problem === null ? undefined : 'true'}
          />
          <p class="dim" id="token-hint">
            The service's <code>ORCH_API_TOKEN</code>, or a GitHub token of yours. With a GitHub token you may do here
            what you may do in the repositories.
          </p>
          <button type="submit" class={hasGitHub ? '' : 'primary'}>
            Log in
          </button>
        </form>
      </div>
    </Layout>
  )
}
