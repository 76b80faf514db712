#!/usr/bin/env node
const { enableCompileCache } = require('node:module')

// Node 22 and newer keep compiled code on disk for the next start, unless NODE_DISABLE_COMPILE_CACHE is set.
enableCompileCache?.()
// `require` loads an ES module sooner than `import()`; Node before 20.19 can only import one.
if (process.features.require_module) require('../dist/cli/main.js')
else import('../dist/cli/main.js')
