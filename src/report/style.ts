/** @file How a page of equations looks: on a screen, a telephone and paper, light and dark. */

export const pageStyle = `
:root {
  color-scheme: light dark;
  --paper: #fffefb;
  --ink: #1b1b1f;
  --faint: #6a6a72;
  --rule: #d9d7cf;
  --accent: #14507f;
  --raised: #f5f3ec;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #16171a;
    --ink: #e6e4de;
    --faint: #9b9aa3;
    --rule: #37383e;
    --accent: #8fc1ec;
    --raised: #222329;
  }
}
* { box-sizing: border-box; }
html { background: var(--paper); color: var(--ink); -webkit-text-size-adjust: 100%; }
body {
  font: 1.05rem/1.5 KaTeX_Main, "Latin Modern Roman", "Times New Roman", serif;
  margin: 0 auto;
  max-width: 68rem;
  padding: clamp(1rem, 4vw, 4rem);
}
h1, h2, h3 { font-weight: 400; line-height: 1.25; margin: 0; overflow-wrap: anywhere; }
h1 { font-size: 1.9rem; }
h2 { font-size: 1.2rem; }
h3 { color: var(--faint); font-size: 1rem; font-style: italic; margin: 1.6rem 0 0.4rem; }
code, .shape, .source { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: 0.78rem; }
code { overflow-wrap: anywhere; }
a { color: var(--accent); text-decoration-thickness: 1px; text-underline-offset: 0.15em; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 3px; }
.facts { color: var(--faint); margin: 0.3rem 0 0; overflow-wrap: anywhere; }
header { border-bottom: 1px solid var(--rule); padding-bottom: 1.2rem; }
nav ol { list-style: none; margin: 1.2rem 0 0; padding: 0; }
nav li { display: flex; gap: 1rem; justify-content: space-between; max-width: 30rem; }
nav li span { color: var(--faint); }
section { padding-top: 2rem; scroll-margin-top: 1rem; }
section + section { border-top: 1px solid var(--rule); margin-top: 2.5rem; }
.signature { display: flex; flex-wrap: wrap; gap: 0.2rem 2rem; justify-content: space-between; }
.signature .facts { margin: 0; white-space: nowrap; }
table { border-collapse: collapse; }
th, td { font-weight: 400; padding: 0; text-align: left; vertical-align: baseline; }
.equations { margin-top: 1.2rem; width: 100%; }
.equations td { padding-bottom: 0.4rem; padding-top: 0.4rem; }
.equations .left { text-align: right; white-space: nowrap; width: 1%; }
.equations .right { padding-left: 2em; text-indent: -1.65em; }
.equations .shape, .equations .margin { padding-left: 2rem; text-align: right; white-space: nowrap; width: 1%; }
.equations .shape { color: var(--faint); }
.equations tr:hover { background: var(--raised); }
.where td, .where th { padding: 0.15rem 1.6rem 0.15rem 0; }
.where .name { text-align: right; padding-right: 0.35em; }
.where .kind { white-space: nowrap; }
.where .remarks { color: var(--faint); font-style: italic; }
.notes { color: var(--faint); margin: 0; overflow-wrap: anywhere; padding-left: 1.2rem; }
.source { color: var(--faint); cursor: help; position: relative; }
.source [role="tooltip"] {
  background: var(--raised);
  border: 1px solid var(--rule);
  border-radius: 4px;
  bottom: calc(100% + 0.5rem);
  color: var(--ink);
  display: none;
  max-width: min(40rem, 85vw);
  padding: 0.4rem 0.6rem;
  position: absolute;
  right: 0;
  text-align: left;
  text-indent: 0;
  white-space: pre-wrap;
  width: max-content;
  z-index: 1;
}
.source:hover [role="tooltip"], .source:focus [role="tooltip"] { display: block; }
.katex { font-size: 1.12em; }
.katex a { color: var(--accent); }
.unseen { clip-path: inset(50%); height: 1px; overflow: hidden; position: absolute; white-space: nowrap; width: 1px; }
@media (max-width: 44rem) {
  .equations, .equations tbody, .where, .where tbody { display: block; }
  .equations tr, .where tr { display: block; padding: 0.35rem 0; }
  .equations tr { border-bottom: 1px solid var(--rule); padding: 0.6rem 0; }
  .equations tr, .where tr, h2 { overflow-x: auto; overflow-y: hidden; }
  .equations td { padding: 0; }
  .equations .left, .equations .right, .where th, .where td { display: inline; padding: 0; }
  .left .katex-html { white-space: normal; }
  .equations .right { padding-left: 0; text-indent: 0; }
  .equations .shape, .equations .margin { display: block; padding-left: 0; white-space: normal; width: auto; }
  .source [role="tooltip"] { margin-top: 0.3rem; max-width: none; position: static; width: auto; }
  .where .stored, .where .remarks { padding-left: 0.6em; }
}
@media print {
  :root { --paper: #fff; --ink: #000; --faint: #555; --rule: #bbb; --accent: #000; }
  @page { margin: 2cm; }
  body { font-size: 10.5pt; max-width: none; padding: 0; }
  tr { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
  .source [role="tooltip"] { display: none !important; }
}
`;
