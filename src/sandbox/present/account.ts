import type { Account } from '../state/model.js'
import type { World } from '../world.js'
import { nodeId, timestamp } from './common.js'

/** `simple-user` of GitHub's OpenAPI description. */
export function presentAccount(world: World, account: Account): Record<string, unknown> {
  const { id, login, type } = account
  const url = `${world.apiUrl()}/users/${encodeURIComponent(login)}`
  return {
    login,
    id,
    node_id: nodeId(type, id),
    avatar_url: `${world.webUrl()}/${encodeURIComponent(login)}.png`,
    gravatar_id: '',
    url,
    html_url: accountPage(world, account),
    followers_url: `${url}/followers`,
    following_url: `${url}/following{/other_user}`,
    gists_url: `${url}/gists{/gist_id}`,
    starred_url: `${url}/starred{/owner}{/repo}`,
    subscriptions_url: `${url}/subscriptions`,
    organizations_url: `${url}/orgs`,
    repos_url: `${url}/repos`,
    events_url: `${url}/events{/privacy}`,
    received_events_url: `${url}/received_events`,
    type,
    user_view_type: 'public',
    site_admin: false,
  }
}

/** Returns the URL of an account's web page. The bot of an App leads to the App. */
export function accountPage(world: World, { login, type }: Account): string {
  return `${world.webUrl()}/${type === 'Bot' ? `apps/${botSlug(login)}` : login}`
}

/** Returns the login of a bot without `[bot]`, which is the slug of its App and the login that GraphQL reports. */
export function botSlug(login: string): string {
  return login.replace(/\[bot\]$/, '')
}

/** The name and email address of commits that the API creates. */
export function personOf(account: Account): { name: string; email: string } {
  return { name: account.login, email: `${account.id}+${account.login}@users.noreply.localhost` }
}

/** `organization-simple-webhooks` of GitHub's description of its webhooks. */
export function presentOrganization(world: World, { id, login }: Account): Record<string, unknown> {
  const url = `${world.apiUrl()}/orgs/${login}`
  return {
    login,
    id,
    node_id: nodeId('Organization', id),
    url,
    repos_url: `${url}/repos`,
    events_url: `${url}/events`,
    hooks_url: `${url}/hooks`,
    issues_url: `${url}/issues`,
    members_url: `${url}/members{/member}`,
    public_members_url: `${url}/public_members{/member}`,
    avatar_url: `${world.webUrl()}/${login}.png`,
    description: null,
  }
}

/** `public-user`, which `GET /user` returns for a fine-grained token. */
export function presentUser(world: World, account: Account): Record<string, unknown> {
  return {
    ...presentAccount(world, account),
    name: account.login,
    company: null,
    blog: '',
    location: null,
    email: null,
    hireable: null,
    bio: null,
    twitter_username: null,
    public_repos: 0,
    public_gists: 0,
    followers: 0,
    following: 0,
    created_at: timestamp(account.createdAt),
    updated_at: timestamp(account.createdAt),
  }
}
