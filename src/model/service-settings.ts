import type { Json } from './flow/flow-event.js'

/** What a schedule entry does when it is due. */
export type ScheduledAction =
  /** Runs the change of this branch. */
  | { kind: 'run'; branch: string }
  /** Locks every change whose branch matches. */
  | { kind: 'invalidate'; pattern: string }
  /** Sends an event, which starts the flows that match it. */
  | { kind: 'event'; type: string; source: string; payload: Json }

/** An entry of `schedule`, for the service. */
export interface ScheduleEntry {
  /** A cron expression with five fields. */
  cron: string
  /** Of the IANA database, such as `Europe/Berlin`. */
  timeZone: string
  action: ScheduledAction
}

/** `slack`, for the service. */
export interface SlackSettings {
  /** GitHub logins by the ids of Slack users, such as `U0123ABCD`. */
  users: Readonly<Record<string, string>>
}

/** `concurrency`, for the service: how many orchestrations run at the same time; null: any number. A change has one in any case. */
export interface Concurrency {
  inAll: number | null
  /** Of changes that share a repository. */
  perRepository: number | null
}
