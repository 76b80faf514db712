import type { Child } from 'hono/jsx'
import { FormToken } from '../layout.js'
import type { Visitor } from '../layout.js'
import { Time } from './text.js'

export interface HeadProps {
  title: Child
  /** When the page was made, ms, UTC. */
  now: number
  /** The address of this page. */
  path: string
  children?: Child
}

/** The heading of a page, and when it was made. Without the script it is reloaded by the link. */
export function Head({ title, now, path, children }: HeadProps) {
  return (
    <div class="head">
      <div class="title">
        <h1>{title}</h1>
        {children}
      </div>
      <p class="dim asof">
        As of <Time at={now} />. <a href={path}>Reload</a>
      </p>
    </div>
  )
}

/** What an action has just done, from `?done=` in the address; nothing for any other text. */
export function Done({ done, words }: { done: string | undefined; words: Readonly<Record<string, string>> }) {
  const text = done !== undefined && Object.hasOwn(words, done) ? words[done] : undefined
  if (text === undefined) return null
  return (
    <p class="notice good" role="status">
      {text}
    </p>
  )
}

export interface ActionProps {
  path: string
  visitor: Visitor
  label: string
  /** What it does, for a reader who hears only the button. */
  description: string
  kind?: 'primary' | 'danger'
}

/** A button that changes something. Nothing where the visitor has no session. */
export function Action({ path, visitor, label, description, kind }: ActionProps) {
  if (visitor.formToken === null) return null
  return (
    <form method="post" action={path}>
      <FormToken token={visitor.formToken} />
      <button type="submit" class={kind} aria-label={`${label}: ${description}`}>
        {label}
      </button>
    </form>
  )
}
