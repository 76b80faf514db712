#!/usr/bin/env node
require('./load-pieces.js').load('./main.js')
