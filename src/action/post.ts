// What the runner starts after the job, for each step of the Action. A program of its own: a step that is killed can leave no sign of its start,
// and its work must not be done again.
import { argv } from 'node:process'

argv[2] = 'post'
await import('./main.js')
