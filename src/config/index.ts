// What commands load of this folder: one module, because YAML comes with each part of it.
export { parseGraphFile } from './graph-file.js'
export { withoutByteOrderMark } from './yaml/read-yaml.js'
export { readWorkflowTriggers } from './workflow-file.js'
