import type { Child } from 'hono/jsx'
import { sanitize, webAddress } from '../../../lib/sanitize.js'
import { formatDuration } from '../../../report/time-text.js'

/** Text of other people: harmless, isolated from the direction of what is around it, and wrapped where it is long. */
export function Text({ children }: { children: string }) {
  return <bdi class="wrap">{sanitize(children)}</bdi>
}

/** A name of git or of the graph file, in the font of code. */
export function Name({ children }: { children: string }) {
  return <code class="wrap">{sanitize(children)}</code>
}

/** A point in time (ms, UTC) to the second. */
export function Time({ at }: { at: number }) {
  const iso = new Date(at).toISOString()
  return <time datetime={iso}>{`${iso.slice(0, 10)} ${iso.slice(11, 19)}`}</time>
}

/** A duration in ms. */
export function Duration({ ms }: { ms: number }) {
  return <time datetime={`PT${Math.max(0, Math.floor(ms / 1000))}S`}>{formatDuration(ms)}</time>
}

/** A page of GitHub. An address that is not one of the web is shown without a link. */
export function External({ url, children }: { url: string; children: Child }) {
  const address = webAddress(url)
  if (address === null) return <span>{children}</span>
  return (
    <a href={address} rel="noreferrer noopener">
      {children}
    </a>
  )
}

/** The first characters of a commit SHA. */
export function Sha({ sha }: { sha: string }) {
  return <code title={sanitize(sha)}>{sanitize(sha.slice(0, 7))}</code>
}

/** The address of the page of a change. */
export function changePath(branch: string): string {
  return `/changes/${encodeURIComponent(branch)}`
}
