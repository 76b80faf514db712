// Started by `npm run build` with the folder to make the template of the embedded database in (scripts/database-template.js).
import { prepareDatabase } from '../service/prepare-database.js'
import { processContext } from './process/process-context.js'

const { clock, processes, argv } = processContext(process.argv.slice(2))
const [stateDirectory] = argv
if (stateDirectory === undefined) throw new Error('name the folder')
await prepareDatabase({ stateDirectory, processes }, clock)
