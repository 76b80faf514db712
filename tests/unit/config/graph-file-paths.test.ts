import { expect, test } from 'vitest'
import { graphFilePaths } from '../../../src/config/graph-file-paths.js'

test('graphFilePaths lists the folder and every folder above it, nearest first', () => {
  expect(graphFilePaths('/home/me/app')).toEqual([
    '/home/me/app/orchestrator.yaml',
    '/home/me/orchestrator.yaml',
    '/home/orchestrator.yaml',
    '/orchestrator.yaml',
  ])
  expect(graphFilePaths('/')).toEqual(['/orchestrator.yaml'])
})
