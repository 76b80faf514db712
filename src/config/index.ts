// The parts of this folder that commands load: one module, because each part loads the YAML parser.
export { parseGraphFile } from './graph-file.js'
export { withoutByteOrderMark } from './yaml/read-yaml.js'
export { readWorkflowTriggers } from './workflow-file.js'
