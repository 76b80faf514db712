// What commands load of this folder: one module, because YAML comes with each part of it.
export { parseGraphFile } from './graph-file.js'
export { renderDiagnostics } from './render-diagnostics.js'
export { readWorkflowTriggers } from './workflow-file.js'
