import type { AllowedHosts } from '../allowed-hosts.js'
import type { GitHubOAuth } from './github-oauth.js'
import type { LoginLink } from './login-link.js'
import type { Permissions } from './permissions.js'
import type { Sessions } from './sessions.js'
import type { Identities } from './identities.js'
import type { SignatureVerifier } from './signature-verifier.js'
import type { TokenVerifier } from './token-verifier.js'
import type { WrongTokens } from './wrong-tokens.js'

/** What the login needs. */
export interface LoginOptions {
  verifier: TokenVerifier
  signatures: SignatureVerifier
  wrongTokens: WrongTokens
  identities: Identities
  permissions: Permissions
  sessions: Sessions
  /** Null: there is no GitHub App, or its OAuth is not configured. */
  oauth: GitHubOAuth | null
  /** Null: there is none. */
  loginLink: LoginLink | null
  hosts: AllowedHosts
  /** The address that people open; null: none is configured, so that it is the one of the request. */
  publicUrl: string | null
}
