// Loaded together by the command that sets up.
export { applySetup, hasWork, resultOf } from './apply-setup.js'
export { readSetup } from './read-setup.js'
