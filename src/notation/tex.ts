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
  const shown = greek.has(head) ? `\\${head}` : /^.'*$/.test(head) ? head : `\\mathit{${head}}`;
  if (rest.length === 0) return shown;
  const subscript = rest.join("\\_");
  return `${shown}_{${/^([A-Za-z]|\d+)$/.test(subscript) ? subscript : `\\mathrm{${subscript}}`}}`;
}

const subscripted = (shown: string, subscript: readonly string[]): string =>
  subscript.length === 0 ? shown : `${shown}_{${subscript.map(texName).join(",")}}`;

/** They grow around fractions. */
const parentheses = (inner: string): string =>
  inner.includes("\\frac") ? `\\left(${inner}\\right)` : `(${inner})`;

const tex: Style = {
  name: (name) => (name === "inf" ? "\\infty" : texName(name)),
  call: (name, subscript, args) => {
    if (name === "sqrt") return `\\sqrt{${args}}`;
    // `\max_{k}` is an operator on what follows, as `\sum_{k}` is; along a named axis it is a function.
    const isMacro = texFunctions.has(name) && subscript.length === 0;
    const shown = isMacro ? `\\${name}` : `\\operatorname{${name.replaceAll("_", "\\_")}}`;
    return subscripted(shown, subscript) + parentheses(args);
  },
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
};

/** TeX for mathematics mode. */
export const toTex = (layout: Layout): string => write(layout, tex);
