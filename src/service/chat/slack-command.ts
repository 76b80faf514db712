import type { CommandName } from '../commands/parse-command.js'

/** A command of a person that Slack sent. */
export interface SlackCommand {
  name: CommandName
  branch: string
  /** Slack's id of the person. */
  user: string
  /** The GitHub login of the person. */
  login: string
}
