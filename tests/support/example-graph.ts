/** The example graph, with the repositories of `acme`. */
export const exampleGraph = `version: 1
owner: acme
branches: DPTA-*
jobs:
  repoA: {}
  repoB: { needs: repoA }
  repoC: { needs: repoA }
  repoD: { needs: repoA }
  repoE: { needs: [repoB, repoC, repoD] }
`

/** A workflow that can be dispatched. */
export const buildWorkflow = `name: build
on:
  workflow_dispatch:
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: 'true'
`

/** The same, with the marker of `orch` in the title of its runs. */
export const markedWorkflow = `run-name: "build [orch:\${{ inputs.orch_id }}]"
on:
  workflow_dispatch:
    inputs:
      orch_id: { type: string }
jobs: { build: { runs-on: x, steps: [{ run: 'true' }] } }
`
