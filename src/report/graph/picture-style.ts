/** Colors of the picture of a graph as CSS variables. */
export const lightPictureColors =
  '--page: #ffffff; --edge: #8b96a2; --text: #1c2127; --dim: #56606b; --good: #0f6130; --good-soft: #dcf5e3; --bad: #a3122c; --bad-soft: #fde8ea; --wait: #764900; --wait-soft: #fdf0cc; --run: #0b4f9c; --run-soft: #deefff;'
export const darkPictureColors =
  '--page: #0f141a; --edge: #66727f; --text: #e4e9ee; --dim: #9ca7b3; --good: #7fdc9f; --good-soft: #12301f; --bad: #ff9d97; --bad-soft: #3a1719; --wait: #f1c453; --wait-soft: #33280f; --run: #8cc6ff; --run-soft: #112b47;'

/** The rules for the classes of the picture. */
export const pictureRules = `
.picture { display: block; font-family: inherit; max-width: none; }
.picture text { fill: var(--text); font-size: 13px; }
.picture .name { font-weight: 600; }
.picture .state { font-size: 12px; }
.edge { fill: none; stroke: var(--edge); stroke-width: 1.5; }
.arrow { fill: var(--edge); }
.node rect { fill: var(--page); stroke: var(--edge); stroke-width: 1.5; }
.node.good rect { fill: var(--good-soft); stroke: var(--good); } .picture .node.good .state { fill: var(--good); }
.node.bad rect { fill: var(--bad-soft); stroke: var(--bad); } .picture .node.bad .state { fill: var(--bad); }
.node.wait rect { fill: var(--wait-soft); stroke: var(--wait); } .picture .node.wait .state { fill: var(--wait); }
.node.run rect { fill: var(--run-soft); stroke: var(--run); } .picture .node.run .state { fill: var(--run); }
.picture .node.idle .state { fill: var(--dim); }
.node.outside rect { stroke-dasharray: 4 3; }
.picture .node.outside .name { fill: var(--dim); font-weight: 500; }
`
