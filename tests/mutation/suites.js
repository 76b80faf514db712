/** The test files that are run on the mutants of each part, by tests/mutation/test-runner.js. */
export const suites = {
  config: /^unit\/config\/.*\.test\.ts$/u,
  // The tests of the incremental decider replace modules, which needs Vitest.
  engine:
    /^unit\/engine\/(?!schedule\/incremental-decider).*\.test\.ts$|^simulation\/found\.test\.ts$|^mutation\/histories\.ts$/u,
  model: /^unit\/(?:config|engine|model)\/(?!schedule\/incremental-decider).*\.test\.ts$/u,
}

/** Tests of large files and of random texts: they take too long to run on each mutant, and find hardly any that no other test finds. */
export const slowTests = /^large files |^any text |^a generated graph | 10 MB | 100,000 | 50,000 /u
