/** Whether all of it is tried, as in the nightly run (`ORCH_EXHAUSTIVE=true`); otherwise what every run has the time for. */
export const isExhaustive = process.env['ORCH_EXHAUSTIVE'] === 'true'
