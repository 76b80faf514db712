import type { Account } from './caller.js'

/** How long a session lasts. */
export const sessionMs = 12 * 3_600_000

/** A login that a browser keeps by a cookie. */
export interface Session {
  caller: Account
  /** Part of each form of this session: another site cannot know it. */
  formToken: string
}

/** The sessions of the service. The id is a secret of the browser. */
export interface Sessions {
  create(caller: Account): Promise<{ id: string }>
  /** Null: there is none of this id, or it has expired. */
  read(id: string): Promise<Session | null>
  remove(id: string): Promise<void>
}
