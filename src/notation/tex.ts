/** @file TeX of mathematics, for mathematics mode with amsmath. */
import type { Infix, Layout, Style } from "../base/layout.ts";
import { write } from "../base/layout.ts";

const greek = new Set(
  [
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi chi psi",
    "omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega",
  ]
    .join(" ")
    .split(" "),
);
const texFunctions = new Set(["tanh", "exp", "log", "sin", "cos", "max", "min"]);
const texOperators: Readonly<Record<Infix, string>> = {
  "=": "=",
  ":": ":",
  "+": "+",
  "-": "-",
  "*": "\\odot",
  "/": "/",
  ".": "\\cdot",
  juxtaposed: "\\,",
  "<": "<",
  "<=": "\\le",
  "==": "==",
  "!=": "\\ne",
  and: "\\wedge",
};

/** `W_1` → `W_{1}`, `logits` → `\mathit{logits}`, `alpha` → `\alpha`. */
export function texName(name: string): string {
  const [, base, step] = /^(.+)_\{(.+)\}$/.exec(name) ?? [];
  if (base !== undefined && step !== undefined) return `${texName(base)}_{${step}}`;
  const [head = "", ...rest] = name.split("_");
  const shown = greek.has(head) ? `\\${head}` : /^[A-Za-z][^']/.test(head) ? `\\mathit{${head}}` : head;
  if (rest.length === 0) return shown;
  const subscript = rest.join("\\_");
  return `${shown}_{${/^([A-Za-z]|\d+)$/.test(subscript) ? subscript : `\\mathrm{${subscript}}`}}`;
}

const subscripted = (shown: string, subscript: readonly string[]): string =>
  subscript.length === 0 ? shown : `${shown}_{${subscript.map(texName).join(",")}}`;

/** They grow around fractions. */
const parentheses = (inner: string): string =>
  inner.includes("\\frac") ? `\\left(${inner}\\right)` : `(${inner})`;

/** The name of a model or of a function that TeX does not know. */
export const modelTex = (name: string): string => `\\operatorname{${name.replaceAll("_", "\\_")}}`;

/** The function's name, before what is in parentheses. */
function calleeTex(name: string, subscript: readonly string[]): string {
  // `\max_{k}` is an operator on what follows, as `\sum_{k}` is; along a named axis it is a function.
  const isMacro = texFunctions.has(name) && subscript.length === 0;
  return subscripted(isMacro ? `\\${name}` : modelTex(name), subscript);
}

const tex: Style = {
  name: (name) => (name === "inf" ? "\\infty" : texName(name)),
  call: (name, subscript, args) =>
    name === "sqrt" ? `\\sqrt{${args}}` : calleeTex(name, subscript) + parentheses(args),
  number: (text) => {
    const exponent = /^(.*)e(-?\d+)$/.exec(text);
    if (exponent === null) return text;
    const power = `10^{${exponent[2]}}`;
    return exponent[1] === "1" ? power : `${exponent[1]} \\times ${power}`;
  },
  groupedFraction: true,
  infix: (operator, left, right) =>
    operator === "/" ? `\\frac{${left}}{${right}}` : `${left} ${texOperators[operator]} ${right}`,
  power: (base, exponent) => `${base}^{${exponent}}`,
  transpose: (operand) => `${operand}^{\\top}`,
  big: (operator, over, body) =>
    `${subscripted(operator === "mean" ? "\\operatorname*{mean}" : `\\${operator}`, over)} ${body}`,
  parentheses,
  braces: (inner) => `\\{${inner}\\}`,
};

/** TeX for mathematics mode. */
export const toTex = (layout: Layout): string => write(layout, tex);

/** The same, where `link` may make a link of the name of a function that it is given with its TeX. */
export const toLinkedTex = (layout: Layout, link: (name: string, shown: string) => string): string =>
  write(layout, {
    ...tex,
    call: (name, subscript, args) =>
      name === "sqrt"
        ? tex.call(name, subscript, args)
        : link(name, calleeTex(name, subscript)) + parentheses(args),
  });
