#!/usr/bin/env node
// Node 22 and newer keep compiled code on disk (module.enableCompileCache), unless NODE_DISABLE_COMPILE_CACHE is set.
require('node:module').enableCompileCache?.()
import('../dist/cli/main.js')
