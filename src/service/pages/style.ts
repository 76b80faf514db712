import { darkPictureColors, lightPictureColors, pictureRules } from '../../report/graph/picture-style.js'

/** The style sheet of the pages. It is text in a module so that the bundle carries it. */
export const style = `
:root {
  color-scheme: light dark;
  ${lightPictureColors}
  --panel: #f6f8fa; --line: #d5dbe1; --link: #0a58b0; --focus: #0a58b0; --idle: #4d5762; --idle-soft: #eceff2;
  --button: #ffffff; --primary: #14663a; --primary-text: #ffffff;
}
@media (prefers-color-scheme: dark) {
  :root {
    ${darkPictureColors}
    --panel: #171e26; --line: #333d48; --link: #74b6ff; --focus: #74b6ff; --idle: #a9b4c0; --idle-soft: #222b35;
    --button: #1d262f; --primary: #7fdc9f; --primary-text: #0b1f13;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--page); color: var(--text); font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
a { color: var(--link); text-underline-offset: 0.15em; }
:focus-visible { outline: 2px solid var(--focus); outline-offset: 2px; border-radius: 3px; }
main:focus { outline: none; }
h1, h2, h3, h4 { line-height: 1.25; margin: 0; font-weight: 650; }
h1 { font-size: 1.6rem; }
h2 { font-size: 1.2rem; margin: 2.25rem 0 0.75rem; }
h3 { font-size: 1rem; margin: 1.75rem 0 0.5rem; }
h4 { font-size: 0.95rem; margin: 1rem 0 0.25rem; }
p { margin: 0.5rem 0; }
code, pre { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: 0.875em; }
.wrap { overflow-wrap: anywhere; }
.dim { color: var(--dim); }
.note { color: var(--dim); font-size: 0.875rem; margin: 0.2rem 0 0; }
.hidden, .skip:not(:focus) { position: absolute; width: 1px; height: 1px; margin: -1px; padding: 0; overflow: hidden; clip-path: inset(50%); white-space: nowrap; border: 0; }
.skip:focus { position: absolute; left: 1rem; top: 0.5rem; z-index: 1; padding: 0.4rem 0.8rem; background: var(--page); border: 1px solid var(--line); border-radius: 6px; }

.top { background: var(--panel); border-bottom: 1px solid var(--line); }
.bar, main, .bottom p { max-width: 76rem; margin: 0 auto; padding: 0 1rem; }
.bar { display: flex; flex-wrap: wrap; align-items: center; gap: 0.25rem 1.25rem; padding-top: 0.5rem; padding-bottom: 0.5rem; min-height: 3.25rem; }
.brand { display: inline-flex; align-items: center; gap: 0.5rem; color: var(--text); font-weight: 700; font-size: 1.1rem; text-decoration: none; padding: 0.25rem 0; }
.mark path { stroke: var(--edge); stroke-width: 1.6; fill: none; }
.mark circle { fill: var(--primary); }
.bar nav ul, .filters ul { display: flex; flex-wrap: wrap; gap: 0.25rem; list-style: none; margin: 0; padding: 0; }
.bar nav a, .filters a { display: block; padding: 0.3rem 0.7rem; border-radius: 6px; color: var(--text); text-decoration: none; }
.bar nav a:hover, .filters a:hover { background: var(--idle-soft); }
.bar nav a[aria-current], .filters a[aria-current] { background: var(--idle-soft); font-weight: 650; box-shadow: inset 0 -2px 0 var(--primary); }
.filters { margin: 0 0 0.75rem -0.7rem; font-size: 0.9rem; }
.login { margin-left: auto; display: flex; align-items: center; gap: 0.75rem; }
.who { color: var(--dim); font-size: 0.9rem; overflow-wrap: anywhere; }
main { padding-top: 1.75rem; padding-bottom: 3rem; min-height: 70vh; }
.bottom { border-top: 1px solid var(--line); color: var(--dim); font-size: 0.875rem; padding: 0.75rem 0 1.5rem; }
.live { margin-left: 0.5rem; }

.head { display: flex; flex-wrap: wrap; justify-content: space-between; align-items: flex-start; gap: 0.25rem 1.5rem; margin-bottom: 1rem; }
.head .title { min-width: 0; }
.asof { font-size: 0.875rem; margin: 0.35rem 0 0; font-variant-numeric: tabular-nums; }
.states { display: flex; flex-wrap: wrap; align-items: center; gap: 0.75rem 1.25rem; margin-top: 0.75rem; }
.actions { display: flex; flex-wrap: wrap; gap: 0.5rem; }
.crumb { margin: 0 0 0.25rem; font-size: 0.9rem; }
.lead { font-size: 1.0625rem; max-width: 60rem; }
.eyebrow { color: var(--dim); margin: 0; font-variant-numeric: tabular-nums; }

button, .button { display: inline-block; font: inherit; font-size: 0.925rem; font-weight: 550; line-height: 1.25rem; padding: 0.4rem 0.9rem; border: 1px solid var(--edge); border-radius: 6px; background: var(--button); color: var(--text); text-decoration: none; cursor: pointer; }
button:hover, .button:hover { border-color: var(--text); }
button.primary { background: var(--primary); border-color: var(--primary); color: var(--primary-text); }
button.primary:hover { filter: brightness(1.1); }
button.danger { color: var(--bad); }
button.quiet { border-color: transparent; background: none; color: var(--link); padding: 0.3rem 0.5rem; }
button.quiet:hover { background: var(--idle-soft); }
input[type=text], input[type=password] { font: inherit; width: 100%; padding: 0.45rem 0.65rem; border: 1px solid var(--edge); border-radius: 6px; background: var(--page); color: var(--text); }
::placeholder { color: var(--dim); opacity: 1; }
label { font-weight: 550; font-size: 0.925rem; }
.inline { display: flex; flex-wrap: wrap; align-items: center; gap: 0.5rem 0.75rem; margin: 0 0 1.5rem; }
.inline input { flex: 0 1 18rem; min-width: 8rem; }
.stack { display: grid; gap: 0.4rem; justify-items: start; }
.stack button { margin-top: 0.5rem; }
.narrow { max-width: 30rem; margin: 1.5rem auto; }
.narrow .notice { margin: 1rem 0; }
.narrow h2 { margin-top: 1.5rem; font-size: 1rem; }

.badge { display: inline-flex; align-items: center; gap: 0.35rem; padding: 0.1rem 0.6rem; border-radius: 999px; font-size: 0.85rem; font-weight: 600; white-space: nowrap; }
.badge .sign { font-weight: 700; }
.badge.good, .notice.good { color: var(--good); background: var(--good-soft); }
.badge.bad, .notice.bad { color: var(--bad); background: var(--bad-soft); }
.badge.wait, .notice.wait { color: var(--wait); background: var(--wait-soft); }
.badge.run { color: var(--run); background: var(--run-soft); }
.badge.idle { color: var(--idle); background: var(--idle-soft); }
.notice { padding: 0.6rem 0.9rem; border-radius: 6px; border-left: 4px solid currentColor; max-width: 60rem; }
.empty { border: 1px dashed var(--edge); border-radius: 8px; padding: 1rem 1.25rem; color: var(--dim); max-width: 44rem; }
.empty p:first-child { color: var(--text); font-weight: 600; }
.problems { padding-left: 1.25rem; }
.facts { display: flex; flex-wrap: wrap; gap: 0.5rem 2.25rem; margin: 0.75rem 0; }
.facts dt { color: var(--dim); font-size: 0.85rem; }
.facts dd { margin: 0; overflow-wrap: anywhere; }
.plain { list-style: none; margin: 0; padding: 0; display: grid; gap: 0.4rem; }

table { width: 100%; border-collapse: collapse; font-size: 0.925rem; font-variant-numeric: tabular-nums; }
th, td { text-align: left; vertical-align: top; padding: 0.55rem 0.9rem 0.55rem 0; border-bottom: 1px solid var(--line); }
thead th { color: var(--dim); font-weight: 550; font-size: 0.85rem; padding-top: 0; white-space: nowrap; }
tbody th { font-weight: 600; }
th:last-child, td:last-child { padding-right: 0; }
td { min-width: 4.5rem; }
tbody time, td button { white-space: nowrap; }
tbody th { min-width: 9rem; }

.scroll { overflow-x: auto; padding: 1rem; border: 1px solid var(--line); border-radius: 8px; background: var(--panel); }
pre.scroll { margin: 0.5rem 0; max-height: 24rem; overflow: auto; line-height: 1.45; tab-size: 4; }${pictureRules}.tick line { stroke: var(--line); } .picture .tick text { fill: var(--dim); font-size: 11px; }
.build .queued { opacity: 0.3; }
.build.good rect { fill: var(--good); } .build.bad rect { fill: var(--bad); } .build.wait rect { fill: var(--wait); }
.build.run rect { fill: var(--run); } .build.idle rect { fill: var(--idle); }

@media (max-width: 46rem) {
  h1 { font-size: 1.35rem; }
  main { padding-top: 1.25rem; }
  .login { margin-left: 0; width: 100%; justify-content: space-between; }
  .scroll { padding: 0.75rem; }
  table, tbody, tr, th, td { display: block; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  tbody tr { border: 1px solid var(--line); border-radius: 8px; padding: 0.7rem 0.9rem; margin-bottom: 0.75rem; }
  tbody th { border: 0; padding: 0 0 0.35rem; font-size: 1rem; }
  td { display: grid; grid-template-columns: 7rem minmax(0, 1fr); gap: 0.5rem; border: 0; padding: 0.2rem 0; }
  td::before { content: attr(data-label); color: var(--dim); font-size: 0.85rem; line-height: 1.6; }
  td.none { display: none; }
  tbody th, td { min-width: 0; }
  tbody time { white-space: normal; }
}
@media (prefers-reduced-motion: no-preference) { a, button, .button { transition: background-color 120ms, border-color 120ms; } }
@media (forced-colors: active) { .badge, .notice { border: 1px solid; } }
`
