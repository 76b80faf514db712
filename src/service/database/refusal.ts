/** Why a database cannot be used until a person does something. */
export interface DatabaseRefusal {
  kind: 'refused'
  why:
    /** The package of the embedded database is not installed. */
    | 'absent'
    /** Another process has the embedded database. */
    | 'held'
    /** A newer orch has changed its tables. */
    | 'newer'
    | 'damaged'
    | 'disk-full'
    /** The URL is not one of PostgreSQL, or the server refuses it; or the folder may not be written. */
    | 'rejected'
  /** The process that has it; only if it is held. */
  pid?: number
  /** One clause for a reader, without a password. */
  problem: string
  /** What to do about it, one sentence. */
  remedy: string
}
