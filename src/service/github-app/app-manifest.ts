import { appEvents, wantedPermissions } from './app-permissions.js'

export interface ManifestOptions {
  /** The proposed name, which a person may change on GitHub. */
  name: string
  /** The address of the service, as GitHub and people reach it, without a slash at the end. */
  serviceUrl: string
  /** Where GitHub sends the person with the code. */
  redirectUrl: string
  /** Whether accounts other than its owner may install it. */
  isPublic: boolean
}

/** The manifest of the GitHub App: "Registering a GitHub App from a manifest" in GitHub's documentation. */
export function createManifest({ name, serviceUrl, redirectUrl, isPublic }: ManifestOptions): object {
  return {
    name,
    url: serviceUrl,
    description: 'Builds a change across repositories, and unlocks its pull requests together or not at all.',
    hook_attributes: { url: `${serviceUrl}/webhooks/github`, active: true },
    redirect_url: redirectUrl,
    callback_urls: [`${serviceUrl}/login/github/callback`],
    public: isPublic,
    default_permissions: wantedPermissions(),
    default_events: appEvents,
  }
}

/** Why an address cannot be that of the service, one clause; null: it can be, as `url`. */
export function readServiceUrl(text: string): { url: string } | { problem: string } {
  const trimmed = text.trim()
  const url = URL.canParse(trimmed) ? new URL(trimmed) : null
  if (url === null || !/^https?:$/u.test(url.protocol)) return { problem: 'it is not a web address' }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '')
    return { problem: 'it holds more than an address' }
  return { url: url.href.replace(/\/+$/u, '') }
}
