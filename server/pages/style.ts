import { createHash } from 'node:crypto';

/**
 * The one style sheet. Colours are Okabe-Ito blue and vermilion, darkened or lightened until text has 4.5:1 on its ground; shapes and
 * words carry the same meaning, so nothing hangs on colour alone.
 */
export const STYLE = `
:root {
  color-scheme: light dark;
  --ground: #fcfbf8; --raised: #ffffff; --ink: #1c1b19; --soft: #5c5953; --line: #dcd8cf; --faint: #f1eee7;
  --up: #005f96; --down: #a63c00; --link: #00568a; --focus: #b0007a;
  --member: #d6ebfa; --act: #fff0c2; --warn: #8a4b00; --warn-ground: #fff3dc;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #14161a; --raised: #1b1e23; --ink: #eceae5; --soft: #aba79e; --line: #363a41; --faint: #23272d;
    --up: #6bbcf0; --down: #f5a05c; --link: #86c8f5; --focus: #ff8ad8;
    --member: #17405c; --act: #4d3f10; --warn: #ffcc80; --warn-ground: #3a2b12;
  }
}
* { box-sizing: border-box; }
html { font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; background: var(--ground); color: var(--ink); }
body { margin: 0; }
a { color: var(--link); text-underline-offset: 0.15em; }
a:hover { text-decoration-thickness: 2px; }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; border-radius: 2px; }
.skip { position: absolute; left: -100vw; top: 0; padding: 0.5rem 1rem; background: var(--raised); z-index: 1; }
.skip:focus { left: 0; }
.banner { background: var(--warn-ground); color: var(--warn); padding: 0.5rem clamp(1rem, 4vw, 2.5rem); border-bottom: 1px solid var(--line); }
.top { display: flex; flex-wrap: wrap; gap: 0.25rem 1.5rem; align-items: baseline; padding: 0.75rem clamp(1rem, 4vw, 2.5rem); border-bottom: 1px solid var(--line); background: var(--raised); }
.brand { font-weight: 700; font-size: 1.15rem; letter-spacing: -0.01em; color: var(--ink); text-decoration: none; }
.top nav { display: flex; gap: 1.1rem; }
main { max-width: 76rem; margin: 0 auto; padding: 0.5rem clamp(1rem, 4vw, 2.5rem) 2rem; }
footer { border-top: 1px solid var(--line); color: var(--soft); font-size: 0.85rem; padding: 0.5rem clamp(1rem, 4vw, 2.5rem); }
h1 { font-size: clamp(1.35rem, 1.1rem + 1.4vw, 1.9rem); line-height: 1.2; letter-spacing: -0.015em; margin: 1.25rem 0 0.4rem; overflow-wrap: anywhere; }
h2 { font-size: 1.25rem; line-height: 1.25; margin: 2.25rem 0 0.5rem; padding-top: 0.75rem; border-top: 2px solid var(--ink); }
h3 { font-size: 1.06rem; line-height: 1.35; margin: 0 0 0.2rem; overflow-wrap: anywhere; }
p { margin: 0.35rem 0; }
code { font: 0.9em ui-monospace, "SF Mono", Menlo, Consolas, monospace; overflow-wrap: anywhere; }
.lead { max-width: 60rem; color: var(--soft); }
.coverage { color: var(--ink); font-weight: 600; }
.coverage.low { color: var(--warn); }
.meta, .names, .definition { color: var(--soft); font-size: 0.875rem; }
.empty { background: var(--faint); border-left: 4px solid var(--soft); padding: 0.75rem 1rem; max-width: 46rem; }
.ranges { display: flex; flex-wrap: wrap; gap: 0.35rem 0.5rem; margin: 0.75rem 0; font-size: 0.9rem; }
.ranges a { padding: 0.2rem 0.65rem; border: 1px solid var(--line); border-radius: 1rem; text-decoration: none; background: var(--raised); }
.ranges a[aria-current] { background: var(--ink); color: var(--ground); border-color: var(--ink); }
.ranges .data { border-style: dashed; }
.ranges .data:first-of-type { margin-left: auto; }

.matrix { border-collapse: collapse; width: 100%; background: var(--raised); font-variant-numeric: tabular-nums; }
.matrix caption { text-align: left; color: var(--soft); font-size: 0.875rem; padding: 0.4rem 0; }
.key { font-weight: 600; margin-right: 0.75rem; white-space: nowrap; }
.key.up, .sign.up { color: var(--up); }
.key.down, .count.down, .friction .sign { color: var(--down); }
.matrix th, .matrix td { border: 1px solid var(--line); text-align: left; vertical-align: top; }
.matrix th { padding: 0.5rem 0.75rem; font-weight: 600; }
.matrix thead th { background: var(--faint); font-size: 0.9rem; }
.matrix .names { display: block; font-weight: 400; }
.matrix td { padding: 0; }
.matrix td > a { display: block; padding: 0.5rem 0.75rem; color: inherit; text-decoration: none; height: 100%; }
.matrix td > a:hover, .matrix td.chosen { background: var(--faint); }
.matrix td.chosen { box-shadow: inset 0 0 0 2px var(--ink); }
.numbers { display: flex; gap: 0.75rem; align-items: baseline; }
.count { font-size: 1.2rem; font-weight: 650; }
.count .sign, .chip .sign { font-size: 0.68em; margin-right: 0.2em; }
.chip .sign { color: var(--up); }
.count.zero { color: var(--soft); font-weight: 400; }
.count.none { font-size: 0.85rem; font-weight: 400; color: var(--soft); font-style: italic; }
.spark { display: block; max-width: 100%; height: 30px; margin-top: 0.15rem; }
.spark .axis { stroke: var(--line); stroke-width: 1; }
.spark .gap { stroke: var(--soft); stroke-width: 1; stroke-dasharray: 1.5 2.5; }
.spark .up { fill: var(--up); }
.spark .down { fill: var(--down); }
.spark .hollow { fill: none; stroke-width: 1; }
.spark .up.hollow { stroke: var(--up); }
.spark .down.hollow { stroke: var(--down); }

.feeds { list-style: none; margin: 0.5rem 0; padding: 0; }
.feed { display: grid; grid-template-columns: 5rem minmax(9rem, 14rem) 1fr; gap: 0 0.75rem; padding: 0.3rem 0; border-bottom: 1px solid var(--line); font-size: 0.93rem; }
.feed strong { font-weight: 600; overflow-wrap: anywhere; }
.feed .why { color: var(--soft); overflow-wrap: anywhere; }
.feed .state { font-weight: 600; }
.feed.ok .state::before { content: "● "; color: var(--up); }
.feed.failing .state, .feed.gone .state { color: var(--down); }
.feed.failing .state::before { content: "✕ "; }
.feed.gone .state::before { content: "⊘ "; }
.feed.waiting .state::before, .feed.held .state::before { content: "○ "; }
.feed.paused .state::before { content: "‖ "; }
details { margin: 0.5rem 0; }
summary { cursor: pointer; color: var(--link); padding: 0.25rem 0; }

.items { list-style: none; margin: 0; padding: 0; }
.item { padding: 0.85rem 0; border-bottom: 1px solid var(--line); }
.item h3 a { color: var(--ink); text-decoration: none; }
.item h3 a:hover { text-decoration: underline; }
.summary { max-width: 60rem; overflow-wrap: anywhere; }
mark { color: inherit; padding: 0 0.12em; border-radius: 2px; }
mark.member { background: var(--member); }
mark.implied { background: none; border-bottom: 2px dotted var(--up); }
mark.act { background: var(--act); border-bottom: 2px solid var(--warn); border-radius: 2px 2px 0 0; }
mark[data-for]::after { content: attr(data-for); font-size: 0.62em; font-weight: 700; letter-spacing: 0.03em; margin-inline-start: 0.3em; color: var(--soft); unicode-bidi: isolate; }
.chips { list-style: none; display: flex; flex-wrap: wrap; gap: 0.35rem; margin: 0.4rem 0; padding: 0; font-size: 0.85rem; }
.chip { display: inline-flex; flex-wrap: wrap; align-items: baseline; gap: 0 0.45rem; border: 1px solid var(--line); background: var(--raised); border-radius: 0.3rem; padding: 0.1rem 0.5rem; }
.chip .who { font-weight: 650; white-space: nowrap; }
.chip .status { font-variant-caps: small-caps; font-weight: 600; letter-spacing: 0.02em; }
.status.occurred { text-decoration: none; }
.status.announced { border-bottom: 1px dashed; }
.status.alleged { border-bottom: 1px dotted; font-style: italic; }
.status.denied { text-decoration: line-through; }
.why { border: 1px solid var(--line); background: var(--raised); border-radius: 0.4rem; padding: 0.75rem 1rem; margin: 0.75rem 0; }
.feed .why { border: 0; background: none; padding: 0; margin: 0; }
blockquote { margin: 0.6rem 0; padding: 0.1rem 0 0.1rem 0.9rem; border-inline-start: 3px solid var(--line); overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.2rem 1rem; margin: 0.5rem 0 0; font-size: 0.93rem; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
.named { display: block; }
.revisions > li { padding: 0.4rem 0; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }

.review { border: 1px solid var(--line); background: var(--raised); border-radius: 0.4rem; padding: 0.75rem 1rem; margin: 0.9rem 0; }
.review .reasons { color: var(--warn); font-weight: 600; font-size: 0.875rem; margin: 0 0 0.3rem; }
.review form, .decisions form { margin: 0.6rem 0 0; }
.fields { display: flex; flex-wrap: wrap; gap: 0.6rem 0.9rem; align-items: end; border: 0; padding: 0; margin: 0 0 0.6rem; min-width: 0; }
.fields label, .fields .group { display: flex; flex-direction: column; gap: 0.15rem; font-size: 0.875rem; color: var(--soft); }
.fields .wide { flex: 1 1 16rem; }
.fields .group { border: 0; padding: 0; margin: 0; }
.fields .group legend { padding: 0; margin-bottom: 0.15rem; }
.fields .group label { flex-direction: row; align-items: center; display: inline-flex; min-height: 2.6rem; margin-right: 0.9rem; color: var(--ink); }
input, select, button { font: inherit; color: var(--ink); }
.fields input:not([type=checkbox]), .fields select { width: 100%; min-height: 2.6rem; padding: 0.3rem 0.55rem; border: 1px solid var(--soft); border-radius: 0.3rem; background: var(--ground); }
.fields input[type=checkbox] { width: 1.2rem; height: 1.2rem; margin: 0 0.35rem 0 0; }
button { min-height: 2.75rem; padding: 0.3rem 1.1rem; border: 1px solid var(--ink); border-radius: 0.35rem; background: var(--raised); font-weight: 600; cursor: pointer; }
button:hover { background: var(--faint); }
button.main { background: var(--ink); color: var(--ground); }
button.main:hover { background: var(--soft); }
.buttons { display: flex; flex-wrap: wrap; gap: 0.6rem; align-items: center; }
.problems { border: 2px solid var(--down); border-radius: 0.4rem; padding: 0.6rem 1rem; margin: 1rem 0; background: var(--raised); }
.problems ul { margin: 0.3rem 0; padding-left: 1.2rem; }
.done { border-left: 4px solid var(--up); background: var(--faint); padding: 0.6rem 1rem; }
.decisions { list-style: none; margin: 0; padding: 0; }
.decisions > li { border-bottom: 1px solid var(--line); padding: 0.5rem 0; overflow-wrap: anywhere; }
.decisions .past { color: var(--soft); }
.figures { border-collapse: collapse; font-variant-numeric: tabular-nums; }
.figures th, .figures td { text-align: left; padding: 0.25rem 1rem 0.25rem 0; border-bottom: 1px solid var(--line); }

@media (max-width: 46rem) {
  .buttons button { flex: 1 1 8rem; }
  .matrix, .matrix tbody, .matrix tr, .matrix th[scope=row], .matrix td, .matrix caption { display: block; }
  .matrix { background: none; }
  .matrix thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .matrix tr { display: grid; grid-template-columns: 1fr 1fr; border: 1px solid var(--line); border-radius: 0.4rem; overflow: hidden; margin: 0 0 0.75rem; background: var(--raised); }
  .matrix th[scope=row] { grid-column: 1 / -1; border: 0; background: var(--faint); }
  .matrix .names { display: inline; margin-left: 0.6rem; }
  .matrix td { border-width: 1px 1px 0 0; }
  .matrix td::before { content: attr(data-label); display: block; padding: 0.4rem 0.75rem 0; font-size: 0.8rem; color: var(--soft); }
  .matrix td > a { padding-top: 0.1rem; }
  .feed { grid-template-columns: 5rem 1fr; }
  .feed .why { grid-column: 1 / -1; }
  .ranges .data:first-of-type { margin-left: 0; }
}
@media (prefers-reduced-motion: no-preference) { html { scroll-behavior: smooth; } }
@media print {
  :root { --ground: #fff; --raised: #fff; --faint: #fff; }
  .top nav, .ranges, .skip, details { display: none; }
  .item, .matrix tr, .why { break-inside: avoid; }
  a { color: inherit; }
  main { max-width: none; padding: 0; }
}
`;

/** The address changes with the content, so that a browser may keep it for ever. */
export const STYLE_PATH = `/assets/style-${createHash('sha256').update(STYLE).digest('hex').slice(0, 10)}.css`;

export const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="6" fill="#14161a"/><g fill="#6bbcf0"><rect x="6" y="14" width="5" height="6"/><rect x="13" y="8" width="5" height="12"/><rect x="20" y="11" width="5" height="9"/></g><g fill="#f5a05c"><rect x="13" y="22" width="5" height="4"/></g></svg>`;
