import type { Caller } from './login/caller.js'
import type { Session } from './login/sessions.js'

/** What the steps of a request share. */
export interface HttpEnv {
  Variables: {
    /** In the answer and in the log. */
    requestId: string
    /** Set after the login. */
    caller: Caller
    /** Null: the request has a token of its own. Set after the login. */
    session: Session | null
  }
}
