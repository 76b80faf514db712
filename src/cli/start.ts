// One piece of the bundle: what every command line but `--version` needs.
export { processContext } from './process/process-context.js'
export { runCommandLine } from './program.js'
