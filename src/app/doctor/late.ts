// Loaded together by the command that checks: GitHub's parser of workflow files is large.
export { checkWorkflow } from '../../config/check-workflow.js'
export { checkGraph, checkNode, connectionFailed, graphFileFailed } from './check-program.js'
export { examine } from './examine.js'
