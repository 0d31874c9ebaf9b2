/**
 * @file Mathematics as a tree, from which plain text and TeX follow. Parentheses are decided here and nowhere else, so
 * the two forms cannot disagree about grouping.
 */
import { assertNever } from "./assert.ts";

export type Layout =
  | { readonly kind: "symbol"; readonly name: string }
  | { readonly kind: "number"; readonly text: string }
  /** Left-associative binary operator. */
  | { readonly kind: "infix"; readonly operator: Infix; readonly left: Layout; readonly right: Layout }
  | { readonly kind: "negation"; readonly operand: Layout }
  | { readonly kind: "power"; readonly base: Layout; readonly exponent: Layout }
  | { readonly kind: "transpose"; readonly operand: Layout }
  /** name_subscript(arguments). */
  | {
      readonly kind: "call";
      readonly name: string;
      readonly subscript: readonly string[];
      readonly args: readonly Layout[];
    }
  /** A tensor with indices: x[b, 0:3, :]. */
  | { readonly kind: "index"; readonly tensor: Layout; readonly indices: readonly Layout[] }
  | { readonly kind: "range"; readonly start: string; readonly stop: string; readonly step: string }
  /** sum_i body. */
  | {
      readonly kind: "big";
      readonly operator: "sum" | "max" | "mean";
      readonly index: readonly string[];
      readonly body: Layout;
    }
  | { readonly kind: "list"; readonly items: readonly Layout[] };

/** Operators by the strength with which they bind; juxtaposition is the matrix product. */
export type Infix = "+" | "-" | "*" | "/" | "juxtaposed" | "<" | "==" | "and";

const strength: Readonly<Record<Infix, number>> = {
  and: 1,
  "==": 2,
  "<": 2,
  "+": 3,
  "-": 3,
  "*": 4,
  "/": 4,
  juxtaposed: 5,
};
const negationStrength = 3.5;
const bigStrength = 3.7;
const postfixStrength = 7;
const atomStrength = 9;

function strengthOf(layout: Layout): number {
  switch (layout.kind) {
    case "infix":
      return strength[layout.operator];
    case "negation":
      return negationStrength;
    case "big":
      return bigStrength;
    case "power":
    case "transpose":
      return postfixStrength;
    case "number":
      // A negative literal or a fraction must not be torn apart by a power or a product.
      return /^[-]|\//.test(layout.text) ? negationStrength : atomStrength;
    case "symbol":
    case "call":
    case "index":
    case "range":
    case "list":
      return atomStrength;
    default:
      return assertNever(layout);
  }
}

export const symbol = (name: string): Layout => ({ kind: "symbol", name });
export const number = (text: string): Layout => ({ kind: "number", text });
export const infix = (operator: Infix, left: Layout, right: Layout): Layout => ({
  kind: "infix",
  operator,
  left,
  right,
});
export const call = (name: string, args: readonly Layout[], subscript: readonly string[] = []): Layout => ({
  kind: "call",
  name,
  subscript,
  args,
});
export const list = (items: readonly Layout[]): Layout => ({ kind: "list", items });

/** How the two written forms spell each construct. */
interface Style {
  name(name: string): string;
  functionName(name: string, subscript: readonly string[]): string;
  number(text: string): string;
  infix(operator: Infix, left: string, right: string): string;
  power(base: string, exponent: string): string;
  transpose(operand: string): string;
  index(tensor: string, indices: readonly string[]): string;
  big(operator: string, index: readonly string[], body: string): string;
  parentheses(inner: string): string;
  brackets(items: readonly string[]): string;
}

function write(layout: Layout, style: Style): string {
  const inside = (inner: Layout, atLeast: number): string => {
    const text = write(inner, style);
    return strengthOf(inner) < atLeast ? style.parentheses(text) : text;
  };
  switch (layout.kind) {
    case "symbol":
      return style.name(layout.name);
    case "number":
      return style.number(layout.text);
    case "infix": {
      const own = strength[layout.operator];
      return style.infix(layout.operator, inside(layout.left, own), inside(layout.right, own + 0.1));
    }
    case "negation":
      return `-${inside(layout.operand, strength["*"])}`;
    case "power":
      return style.power(inside(layout.base, postfixStrength + 0.1), write(layout.exponent, style));
    case "transpose":
      return style.transpose(inside(layout.operand, postfixStrength + 0.1));
    case "call":
      return `${style.functionName(layout.name, layout.subscript)}${style.parentheses(
        layout.args.map((arg) => write(arg, style)).join(", "),
      )}`;
    case "index":
      return style.index(
        inside(layout.tensor, atomStrength),
        layout.indices.map((i) => write(i, style)),
      );
    case "range":
      return `${layout.start}:${layout.stop}${layout.step === "1" ? "" : `:${layout.step}`}`;
    case "big":
      return style.big(layout.operator, layout.index, inside(layout.body, strength["*"]));
    case "list":
      return style.brackets(layout.items.map((item) => write(item, style)));
    default:
      return assertNever(layout);
  }
}

const plain: Style = {
  name: (name) => name,
  functionName: (name, subscript) => (subscript.length === 0 ? name : `${name}_${subscriptText(subscript)}`),
  number: (text) => text,
  infix: (operator, left, right) =>
    operator === "juxtaposed" ? `${left} ${right}` : `${left} ${operator} ${right}`,
  power: (base, exponent) => (/^\w+$/.test(exponent) ? `${base}^${exponent}` : `${base}^(${exponent})`),
  transpose: (operand) => `${operand}^T`,
  index: (tensor, indices) => `${tensor}[${indices.join(", ")}]`,
  big: (operator, index, body) => `${operator}_${subscriptText(index)} ${body}`,
  parentheses: (inner) => `(${inner})`,
  brackets: (items) => `[${items.join(", ")}]`,
};

const subscriptText = (names: readonly string[]): string =>
  names.length === 1 && /^\w+$/.test(names[0] ?? "") ? (names[0] ?? "") : `{${names.join(",")}}`;

const greek = new Set(
  "alpha beta gamma delta epsilon zeta eta theta kappa lambda mu nu xi pi rho sigma tau phi chi psi omega".split(
    " ",
  ),
);
const texFunctions = new Set(["tanh", "exp", "log", "sin", "cos", "max", "min"]);
const texOperators: Readonly<Record<Infix, string>> = {
  "+": "+",
  "-": "-",
  "*": "\\odot",
  "/": "/",
  juxtaposed: "\\,",
  "<": "<",
  "==": "=",
  and: "\\wedge",
};

/** `W_1` → `W_{1}`, `logits` → `\mathit{logits}`, `alpha` → `\alpha`. */
export function texName(name: string): string {
  const [head = "", ...rest] = name.split("_");
  const shown = greek.has(head.toLowerCase())
    ? `\\${head}`
    : head.length > 1
      ? `\\mathit{${head.replaceAll(".", "{.}")}}`
      : head;
  const subscript = rest
    .map((part) => (/^[A-Za-z]{2,}$/.test(part) ? `\\mathrm{${part}}` : part))
    .join("\\_");
  return subscript === "" ? shown : `${shown}_{${subscript}}`;
}

const tex: Style = {
  name: texName,
  functionName: (name, subscript) => {
    const shown = texFunctions.has(name) ? `\\${name}` : `\\operatorname{${name.replaceAll("_", "\\_")}}`;
    return subscript.length === 0 ? shown : `${shown}_{${subscript.map(texName).join(",")}}`;
  },
  number: (text) => {
    const exponent = /^(.*)e(-?\d+)$/.exec(text);
    return exponent === null ? text : `${exponent[1]} \\times 10^{${exponent[2]}}`;
  },
  infix: (operator, left, right) =>
    operator === "/" ? `\\frac{${left}}{${right}}` : `${left} ${texOperators[operator]} ${right}`,
  power: (base, exponent) => `${base}^{${exponent}}`,
  transpose: (operand) => `${operand}^{\\top}`,
  index: (tensor, indices) => `${tensor}[${indices.join(", ")}]`,
  big: (operator, index, body) =>
    `${operator === "mean" ? "\\operatorname*{mean}" : `\\${operator}`}_{${index.map(texName).join(",")}} ${body}`,
  parentheses: (inner) => `\\left(${inner}\\right)`,
  brackets: (items) => `[${items.join(", ")}]`,
};

/** One line of plain text, as a terminal shows it and a spec may contain it. */
export const toPlainText = (layout: Layout): string => write(layout, plain);

/** TeX for mathematics mode. */
export const toTex = (layout: Layout): string => write(layout, tex);
