// The program of action.yml.
import { argv } from 'node:process'
import { processContext } from '../cli/process/process-context.js'
import { cancelLeft } from './cancel-left.js'
import { runStep } from './run-step.js'

const context = processContext(argv.slice(2))
context.exit(await (context.argv[0] === 'post' ? cancelLeft(context) : runStep(context)))
