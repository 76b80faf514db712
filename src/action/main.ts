// The program of action.yml.
import { processContext } from '../cli/process/process-context.js'
import { runStep } from './run-step.js'

const context = processContext([])
context.exit(await runStep(context))
