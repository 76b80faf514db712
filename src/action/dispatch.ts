// The program of actions/dispatch/trigger.
import { processContext } from '../cli/process/process-context.js'
import { triggerEvent } from './trigger-event.js'

const context = processContext([])
context.exit(await triggerEvent(context))
