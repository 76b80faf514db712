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
