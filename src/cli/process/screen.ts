import type { OutputStream } from '../../report/output.js'

/** An output stream of the command and the terminal behind it. */
export interface Screen {
  stream: OutputStream
  isTTY: boolean
  /** Read at each use: a terminal may be resized. */
  size: () => { columns: number; rows: number }
}
