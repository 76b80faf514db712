import type { Child } from 'hono/jsx'
import { sanitize } from '../../lib/sanitize.js'

/** Who looks at a page. */
export interface Visitor {
  /** `@octocat` or `the administrator`. */
  name: string
  /** The token of the session's forms; null: a program sends a token of its own and has no forms. */
  formToken: string | null
}

export type Section = 'changes' | 'queue' | 'events' | 'flows' | 'runs' | 'deliveries'

export interface LayoutProps {
  title: string
  /** Null: nobody has logged in. */
  visitor: Visitor | null
  /** The part of the service that the page belongs to; null: none. */
  section: Section | null
  /** Whether the page shows what may change while it is open. */
  isLive: boolean
  children: Child
}

const sections: readonly { section: Section; path: string; name: string }[] = [
  { section: 'changes', path: '/changes', name: 'Changes' },
  { section: 'queue', path: '/workloads', name: 'Queue' },
  { section: 'events', path: '/events', name: 'Events' },
  { section: 'flows', path: '/flows', name: 'Flows' },
  { section: 'runs', path: '/runs', name: 'Runs' },
  { section: 'deliveries', path: '/deliveries', name: 'Deliveries' },
]

/** The frame of every page: landmarks, navigation, the logged-in person. */
export function Layout({ title, visitor, section, isLive, children }: LayoutProps) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="robots" content="noindex" />
        <title>{`${sanitize(title)} · orch`}</title>
        <link rel="icon" href="/static/orch.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="/static/orch.css" />
        {isLive ? <script src="/static/orch.js" defer={true}></script> : null}
      </head>
      <body>
        <a class="skip" href="#main">
          Skip to the content
        </a>
        <header class="top">
          <div class="bar">
            <a class="brand" href="/changes">
              <Mark />
              orch
            </a>
            {visitor ? <Navigation section={section} /> : null}
            {visitor ? <Login visitor={visitor} /> : null}
          </div>
        </header>
        <main id="main" tabindex={-1}>
          {children}
        </main>
        <footer class="bottom">
          <p>
            All times are UTC.
            <span id="live" role="status" class="live"></span>
          </p>
        </footer>
      </body>
    </html>
  )
}

function Navigation({ section }: { section: Section | null }) {
  return (
    <nav aria-label="Main">
      <ul>
        {sections.map((each) => (
          <li>
            <a href={each.path} aria-current={each.section === section ? 'page' : undefined}>
              {each.name}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  )
}

function Login({ visitor }: { visitor: Visitor }) {
  return (
    <div class="login">
      <span class="who">{sanitize(visitor.name)}</span>
      {visitor.formToken === null ? null : (
        <form method="post" action="/logout">
          <FormToken token={visitor.formToken} />
          <button type="submit" class="quiet">
            Log out
          </button>
        </form>
      )}
    </div>
  )
}

/** Proves that a form is of a page of this session. */
export function FormToken({ token }: { token: string }) {
  return <input type="hidden" name="form-token" value={token} />
}

/** Three nodes of a graph. */
function Mark() {
  return (
    <svg class="mark" viewBox="0 0 20 20" width="20" height="20" aria-hidden="true" focusable="false">
      <path d="M6 10 L14 5 M6 10 L14 15" />
      <circle cx="5" cy="10" r="3" />
      <circle cx="15" cy="4.5" r="3" />
      <circle cx="15" cy="15.5" r="3" />
    </svg>
  )
}

/** The whole document as text. */
export function renderPage(page: { toString(): string | Promise<string> }): string {
  const text = page.toString()
  if (typeof text !== 'string') throw new Error('a page has a part that is rendered asynchronously')
  return `<!doctype html>\n${text}\n`
}
