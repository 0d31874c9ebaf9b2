/** @file Equations as one page of HTML that needs nothing else: no network and no script. */
import { quoted } from "../diag/diagnostic.ts";
import { packed, sharedLines } from "../notation/beside.ts";
import type { Declared, DeclaredParameter, Equation, Equations } from "../notation/document.ts";
import { behindRounds } from "../notation/latex.ts";
import { condensed } from "../notation/notes.ts";
import { modelTex, texName, toLinkedTex, toTex } from "../notation/tex.ts";
import { pageWidth, texLines } from "../notation/tex-lines.ts";
import { declaredTex, type WhereRow, whereRows } from "../notation/tex-where.ts";
import { codeText, countText, placesOf, placeText, shapesText } from "../notation/text.ts";
import { proseOf, remarksOf, storedNames } from "../notation/where.ts";
import { formula, formulaStyle } from "./formula.ts";
import { html, Markup, nothing } from "./markup.ts";
import { pageStyle } from "./style.ts";

export interface PageFacts {
  /** What the user called the model. */
  readonly model: string;
  /** Version of Assay. */
  readonly version: string;
}

/** The page of a model and of those that it is made of, which follow it. Names of its calls are links to their sections. */
export function equationsPage(models: readonly Equations[], { model, version }: PageFacts): string {
  const known = new Set(models.map(({ name }) => name));
  const title = models[0]?.name ?? model;
  // Nothing is loaded and nothing runs, whatever a name has managed to say.
  const policy =
    "default-src 'none'; style-src 'unsafe-inline'; font-src data:; base-uri 'none'; form-action 'none'";
  const style = new Markup(formulaStyle() + pageStyle);
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="assay ${version}">
<title>Equations of ${title}</title>
<style>${style}</style>
</head>
<body>
<header>
<h1>${title}</h1>
<p class="facts">The equations of <code>${quoted(model)}</code>, read by Assay ${version}.</p>
${models.length > 1 ? contents(models) : nothing}
</header>
<main>
${models.map((equations) => section(equations, known))}
</main>
</body>
</html>
`.text;
}

const anchor = (name: string): string => `model-${name}`;

/** All models of the page and how many numbers each has to learn. */
const contents = (models: readonly Equations[]): Markup => html`<nav aria-label="Models">
<ol>
${models.map(
  (
    equations,
  ) => html`<li><a href="#${anchor(equations.name)}">${equations.name}</a> <span>${countText(equations)}</span></li>
`,
)}</ol>
</nav>`;

function section(equations: Equations, known: ReadonlySet<string>): Markup {
  const { name, notes } = equations;
  const id = anchor(name);
  return html`<section id="${id}" aria-labelledby="${id}-signature">
<div class="signature">
<h2 id="${id}-signature">${formula(signature(equations))}</h2>
<p class="facts">${countText(equations)}</p>
</div>
${equationTable(equations, known)}
${whereTable(equations)}
${notes.length === 0 ? nothing : noteList(notes)}
</section>
`;
}

/** What is declared is kept in one piece. */
function signature({ name, inputs, numbers, outputs }: Equations): string {
  const all = (items: readonly Declared[]): string =>
    items.map((item) => `{${declaredTex(item)}}`).join(",\\allowbreak\\; ");
  const given = numbers.length === 0 ? "" : `;\\allowbreak\\; ${numbers.map(texName).join(",\\; ")}`;
  return `${modelTex(name)}(${all(inputs)}${given}) \\to ${all(outputs)}`;
}

function equationTable({ name, equations }: Equations, known: ReadonlySet<string>): Markup {
  const link = (callee: string, shown: string): string =>
    known.has(callee) && callee !== name ? `\\href{#${anchor(callee)}}{${shown}}` : shown;
  const rows = sharedLines(equations).flatMap((line) => packed(line, fitOneRow));
  return html`<table class="equations">
<caption class="unseen">Equations, each with the shape of what it defines and the line of code behind it</caption>
<tbody>
${rows.map((row) => equationRow(row, link))}</tbody>
</table>`;
}

type Link = (callee: string, shown: string) => string;

/** Rows are as wide as those of a printed page. */
const isOneLine = (tex: string): boolean => texLines(tex, pageWidth).length === 1;

const fitOneRow = (line: readonly Equation[]): boolean => {
  const tex = line.map((equation) =>
    behindRounds(equation, `${toTex(equation.left)} = ${toTex(equation.right)}`),
  );
  return isOneLine(tex.join(";\\; "));
};

function equationRow(line: readonly Equation[], link: Link): Markup {
  const tex = line.map((equation) => {
    const left = behindRounds(equation, toLinkedTex(equation.left, link));
    return [left, `{}=${toLinkedTex(equation.right, link)}`] as const;
  });
  const [left, right] = [tex[0]?.[0] ?? "", tex[0]?.[1] ?? ""];
  const more = tex.slice(1).map((sides) => `;\\quad ${sides.join("")}`);
  const isRepeated = line[0]?.rounds !== undefined;
  const formulas = isRepeated
    ? html`<td class="rounds" colspan="2">${formula(left + right)}</td>`
    : html`<td class="left">${formula(left)}</td>
<td class="right">${formula([right, ...more].join(""))}</td>`;
  return html`<tr>
${formulas}
<td class="shape">${shapesText(line)}</td>
<td class="margin">${sources(line)}</td>
</tr>
`;
}

/** The places of the equations of a row, each once. */
function sources(line: readonly Equation[]): Markup {
  const codes = new Map(line.map(({ origin }) => [placeText(origin), codeText(origin)] as const));
  return html`${[...placesOf(line)].map(
    ([place, shown], i) => html`${i === 0 ? nothing : ", "}${source(shown, codes.get(place))}`,
  )}`;
}

/** A place in the user's code, which shows the line itself when it is pointed at or has the focus. */
function source(place: string, code: string | undefined): Markup {
  if (code === undefined) return html`<span class="source">${place}</span>`;
  return html`<span class="source" tabindex="0">${place}<code role="tooltip">${code}</code></span>`;
}

function whereTable(model: Equations): Markup {
  const rows = whereRows(model, fitsPage).map(({ name, said, parameters }) =>
    row(name, said, legend(parameters)),
  );
  if (rows.length === 0) return nothing;
  return html`<h3>where</h3>
<table class="where">
<caption class="unseen">Sizes and parameters, each with its name in the model</caption>
<tbody>
${rows}</tbody>
</table>`;
}

const fitsPage = ({ name, said, parameters }: WhereRow): boolean =>
  isOneLine(`${name} ${said} \\quad \\text{${parameters.length > 1 ? proseOf(parameters) : ""}}`);

/** What has no names in the model takes their room, so that it does not narrow the columns of those that have. */
const row = (name: string, kind: string, rest: Markup): Markup => html`<tr>
<th scope="row" class="name">${formula(name)}</th>
<td class="kind"${rest === nothing ? html` colspan="3"` : nothing}>${formula(`{}${kind}`)}</td>
${rest}</tr>
`;

/** The names under which the model stores parameters, and what is special about them. */
function legend(items: readonly DeclaredParameter[]): Markup {
  const [first, ...others] = items;
  if (first === undefined) return nothing;
  const stored = others.length > 0 ? [storedNames(items)] : first.parameter.names;
  const names = stored.map((name, i) => html`${i === 0 ? "" : " and "}<code>${quoted(name)}</code>`);
  return html`<td class="stored">${names}</td>
<td class="remarks">${remarksOf(items).join(", ")}</td>
`;
}

const noteList = (notes: readonly string[]): Markup => html`<h3>not in the equations</h3>
<ul class="notes">
${condensed(notes).map((note) => html`<li>${note}</li>\n`)}</ul>`;
