import type { Failure } from '../../model/failure.js'
import type { RepoName } from '../../model/repo-name.js'
import { describePermission, type Need } from './permissions.js'

/** A request that GitHub refused with 403 or 451. */
export interface ForbiddenAnswer {
  subject: { repo: RepoName; need: Need }
  /** GitHub's own message. */
  errorMessage: string
  /** The permissions that GitHub accepts for the request (`X-Accepted-GitHub-Permissions`); empty: it names none. */
  acceptedPermissions: string
}

export const enableWorkflow = 'enable the workflow on its page under Actions'
export const enableActions =
  'enable Actions under Settings, Actions, General of the repository, or of its organization where that forbids it'

interface Cause {
  pattern: RegExp
  /** `forbidden` only if another token would help. */
  kind: Extract<Failure['kind'], 'forbidden' | 'blocked'>
  remedy: (repo: RepoName) => string
}

/** The causes of a refusal that are not a missing permission, in GitHub's words. The first pattern that matches decides. */
const causes: readonly Cause[] = [
  {
    pattern: /IP allow list|IP address is not permitted/iu,
    kind: 'blocked',
    remedy: (repo) => `run from an address on the IP allow list of ${ownerOf(repo)}, or ask its owners to add this one`,
  },
  {
    pattern: /disabled workflow|workflow (?:is|was|has been) disabled/iu,
    kind: 'blocked',
    remedy: () => enableWorkflow,
  },
  {
    pattern: /Actions (?:is|are|has been|have been) (?:currently )?disabled/iu,
    kind: 'blocked',
    remedy: () => enableActions,
  },
  {
    pattern: /billing (?:issue|problem|is )/iu,
    kind: 'blocked',
    remedy: (repo) => `an owner of ${ownerOf(repo)} must settle its billing on GitHub`,
  },
  {
    pattern: /suspended your access|installation (?:is|was|has been) suspended/iu,
    kind: 'forbidden',
    remedy: (repo) =>
      `ask an owner of ${ownerOf(repo)} to unsuspend the GitHub App of this token, or use another token`,
  },
  {
    pattern: /account (?:is|was|has been) (?:currently )?(?:suspended|locked|flagged)/iu,
    kind: 'forbidden',
    remedy: () => "use a token of another account, or ask GitHub Support to restore this token's account",
  },
  {
    pattern: /email address must be verified/iu,
    kind: 'forbidden',
    remedy: () => "verify the email address of the token's account, or use a token of another account",
  },
  {
    pattern:
      /repository (?:access )?(?:is |was |has been )?(?:blocked|disabled|locked)|unavailable (?:due to|for) legal/iu,
    kind: 'blocked',
    remedy: (repo) => `ask GitHub Support about ${repo}, or take it out of the graph`,
  },
  {
    pattern: /forbids access via|access restrictions|SAML/iu,
    kind: 'forbidden',
    remedy: (repo) =>
      `use a token that ${ownerOf(repo)} allows, such as a fine-grained personal access token or that of a GitHub App`,
  },
]

/** GitHub's words for a permission that the token, or its user, lacks. */
const permissionWords =
  /not accessible|permission|must (?:have|be)\b|not authorized|\b(?:admin|maintain|push|write|triage|read) (?:access|rights)\b|\bscopes?\b/iu

type Explanation = Pick<Failure, 'kind' | 'message' | 'remedy' | 'permission'>

/** Explains a 403 or 451, whose cause is only in GitHub's message. */
export function explainForbidden({ subject, errorMessage, acceptedPermissions }: ForbiddenAnswer): Explanation {
  const { repo, need } = subject
  if (/archived/iu.test(errorMessage)) {
    const remedy = 'unarchive it in its settings, or take it out of the graph'
    return { kind: 'archived', message: `the repository ${repo} is archived, so it is read-only`, remedy }
  }
  const message = `GitHub refused to ${need.act} in ${repo}: ${errorMessage.replace(/\.$/u, '')}`
  const cause = causes.find(({ pattern }) => pattern.test(errorMessage))
  if (cause) return { kind: cause.kind, message, remedy: cause.remedy(repo) }
  const permission = acceptedPermissions === '' ? need.permission : acceptedPermissions
  const wanted = describePermission(permission)
  if (!permissionWords.test(errorMessage)) {
    const remedy = `do what GitHub's message asks for; if it means a permission, the token needs ${wanted} on ${repo}`
    return { kind: 'blocked', message, remedy }
  }
  return {
    kind: 'forbidden',
    message: `this token may not ${need.act} in ${repo} (${errorMessage})`,
    remedy: `give the token ${wanted} on ${repo} (a classic token: the scope repo)`,
    permission,
  }
}

function ownerOf(repo: RepoName): string {
  return repo.split('/')[0] ?? repo
}
