/**
 * @file Mathematics as a tree, from which plain text and TeX follow. Parentheses are decided here and nowhere else, so
 * the two forms cannot disagree about grouping.
 */
import { assertNever } from "./assert.ts";
import { negate, type Rational, toText } from "./rational.ts";

export type Layout =
  | { readonly kind: "symbol"; readonly name: string }
  /** A non-negative literal. */
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
  /** A tensor with indices: x[b, 0:3, :]; in braces the names of its axes. */
  | {
      readonly kind: "index";
      readonly tensor: Layout;
      readonly indices: readonly Layout[];
      readonly named?: true;
    }
  /** Part of an axis; the whole of it without ends. */
  | {
      readonly kind: "range";
      readonly start: Layout | undefined;
      readonly stop: Layout | undefined;
      readonly step: number;
    }
  /** sum_i body. */
  | {
      readonly kind: "big";
      readonly operator: "sum" | "max" | "mean";
      readonly index: readonly string[];
      readonly body: Layout;
    }
  | { readonly kind: "list"; readonly items: readonly Layout[]; readonly named?: true }
  /** Several names on a left side: y, c. */
  | { readonly kind: "names"; readonly items: readonly Layout[] };

/** Operators by the strength with which they bind; juxtaposition is the matrix product, the dot the inner product. */
export type Infix = "+" | "-" | "*" | "/" | "." | "juxtaposed" | "<" | "<=" | "==" | "!=" | "and" | "=" | ":";

const strength: Readonly<Record<Infix, number>> = {
  "=": 0,
  ":": 0,
  and: 1,
  "==": 2,
  "!=": 2,
  "<": 2,
  "<=": 2,
  "+": 3,
  "-": 3,
  "*": 4,
  "/": 4,
  ".": 4.5,
  juxtaposed: 5,
};
const negationStrength = 3.5;
const bigStrength = 3.7;
const postfixStrength = 7;
const atomStrength = 9;

/** How tightly the outermost construct binds. */
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
      // In TeX a power of ten is a product.
      return layout.text.includes("e") ? strength.juxtaposed : atomStrength;
    case "symbol":
    case "call":
    case "index":
    case "range":
    case "list":
    case "names":
      return atomStrength;
    default:
      return assertNever(layout);
  }
}

export const symbol = (name: string): Layout => ({ kind: "symbol", name });
export const number = (text: string): Layout => ({ kind: "number", text });
export const negation = (operand: Layout): Layout => ({ kind: "negation", operand });
export const power = (base: Layout, exponent: Layout): Layout => ({ kind: "power", base, exponent });
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
export const index = (tensor: Layout, indices: readonly Layout[]): Layout =>
  indices.length === 0 ? tensor : { kind: "index", tensor, indices };
/** A tensor with the names of its axes: q{batch, heads}. */
export const withAxes = (tensor: Layout, names: readonly string[]): Layout =>
  names.length === 0 ? tensor : { kind: "index", tensor, indices: names.map(symbol), named: true };
export const big = (operator: "sum" | "max" | "mean", over: readonly string[], body: Layout): Layout =>
  over.length === 0 ? body : { kind: "big", operator, index: over, body };
/** `:`, the whole of an axis. */
export const wholeAxis: Layout = { kind: "range", start: undefined, stop: undefined, step: 1 };

/** An exact number, its sign and fraction bar as operators. */
export function rationalLayout(value: Rational): Layout {
  if (value.numerator < 0n) return negation(rationalLayout(negate(value)));
  const [numerator, denominator] = toText(value).split("/");
  return denominator === undefined
    ? number(shortDecimal(numerator ?? ""))
    : infix("/", number(numerator ?? ""), number(denominator));
}

/** `0.00001` → `1e-5`, where that is shorter. */
function shortDecimal(text: string): string {
  const small = /^0\.(0*)([1-9]\d*)$/.exec(text);
  const large = /^([1-9]\d*?)(0*)$/.exec(text);
  const [digits, exponent] = small
    ? [small[2] ?? "", -(small[1] ?? "").length - 1]
    : [large?.[1] ?? "", (large?.[1] ?? "").length - 1 + (large?.[2] ?? "").length];
  const scientific = `${digits.slice(0, 1)}${digits.length > 1 ? `.${digits.slice(1)}` : ""}e${exponent}`;
  return digits !== "" && scientific.length < text.length ? scientific : text;
}

/** a b for a coefficient on either side, else a * b. */
export function product(left: Layout, right: Layout): Layout {
  if (isNumber(right) && !isNumber(left)) return product(right, left);
  if (left.kind === "negation" && isNumber(left)) return negation(product(left.operand, right));
  const beside = left.kind === "number" && !startsWithNumber(right);
  return infix(beside ? "juxtaposed" : "*", left, right);
}

const isNumber = (layout: Layout): boolean =>
  layout.kind === "number" || (layout.kind === "negation" && isNumber(layout.operand));

function startsWithNumber(layout: Layout): boolean {
  if (layout.kind === "infix") return startsWithNumber(layout.left);
  if (layout.kind === "power") return startsWithNumber(layout.base);
  return layout.kind === "number";
}

/** The tree with every symbol of this name replaced. */
export function replaceSymbol(layout: Layout, name: string, by: Layout): Layout {
  if (layout.kind === "symbol") return layout.name === name ? by : layout;
  return withParts(layout, (part) => replaceSymbol(part, name, by));
}

/** The layout with its parts and its indices replaced. */
export function withParts(layout: Layout, inside: (part: Layout) => Layout): Layout {
  switch (layout.kind) {
    case "symbol":
    case "number":
    case "range":
      return layout;
    case "infix":
      return { ...layout, left: inside(layout.left), right: inside(layout.right) };
    case "negation":
    case "transpose":
      return { ...layout, operand: inside(layout.operand) };
    case "power":
      return { ...layout, base: inside(layout.base), exponent: inside(layout.exponent) };
    case "call":
      return { ...layout, args: layout.args.map(inside) };
    case "index":
      return { ...layout, tensor: inside(layout.tensor), indices: layout.indices.map(inside) };
    case "big":
      return { ...layout, body: inside(layout.body) };
    case "list":
    case "names":
      return { ...layout, items: layout.items.map(inside) };
    default:
      return assertNever(layout);
  }
}

/** The parts of a layout, indices apart. */
export function partsOf(layout: Layout): readonly Layout[] {
  switch (layout.kind) {
    case "symbol":
    case "number":
    case "range":
      return [];
    case "infix":
      return [layout.left, layout.right];
    case "negation":
    case "transpose":
      return [layout.operand];
    case "power":
      return [layout.base, layout.exponent];
    case "call":
      return layout.args;
    case "index":
      return [layout.tensor];
    case "big":
      return [layout.body];
    case "list":
    case "names":
      return layout.items;
    default:
      return assertNever(layout);
  }
}

/**
 * How tightly a right operand must bind to stand without parentheses. Sums and products are associative: a + (b − c) is
 * written a + b − c. A second sign is set apart.
 */
function rightStrength(operator: Infix): number {
  if (operator === "*") return strength["*"];
  if (operator === "-") return bigStrength;
  // People disagree about what 1 / 2 x is.
  if (operator === "/") return postfixStrength;
  return strength[operator] + (operator === "+" ? 0 : 0.1);
}

/** How a written form spells each construct. */
export interface Style {
  name(name: string): string;
  call(name: string, subscript: readonly string[], args: string): string;
  number(text: string): string;
  infix(operator: Infix, left: string, right: string): string;
  /** A fraction bar groups its operands by itself. */
  readonly groupedFraction: boolean;
  power(base: string, exponent: string): string;
  transpose(operand: string): string;
  big(operator: string, over: readonly string[], body: string): string;
  parentheses(inner: string): string;
  braces(inner: string): string;
}

/** A layout in a written form. */
export function write(layout: Layout, style: Style): string {
  const inside = (inner: Layout, atLeast: number): string => {
    const text = write(inner, style);
    return strengthOf(inner) < atLeast ? style.parentheses(text) : text;
  };
  const all = (items: readonly Layout[]): string => items.map((item) => write(item, style)).join(", ");
  switch (layout.kind) {
    case "symbol":
      return style.name(layout.name);
    case "number":
      return style.number(layout.text);
    case "infix": {
      if (layout.operator === "/" && style.groupedFraction)
        return style.infix("/", write(layout.left, style), write(layout.right, style));
      const own = strength[layout.operator];
      // What is read back should be computed in the same order: x * (a / b) is not (x * a) / b in numbers.
      const isQuotient =
        layout.operator === "*" && layout.right.kind === "infix" && layout.right.operator === "/";
      const least = isQuotient && !style.groupedFraction ? atomStrength : rightStrength(layout.operator);
      return style.infix(layout.operator, inside(layout.left, own), inside(layout.right, least));
    }
    case "negation":
      return `-${inside(layout.operand, strength["*"])}`;
    case "power":
      return style.power(inside(layout.base, atomStrength), write(layout.exponent, style));
    case "transpose":
      return style.transpose(inside(layout.operand, atomStrength));
    case "call":
      return style.call(layout.name, layout.subscript, all(layout.args));
    case "index": {
      const indices = all(layout.indices);
      return inside(layout.tensor, atomStrength) + (layout.named ? style.braces(indices) : `[${indices}]`);
    }
    case "range": {
      const end = (size: Layout | undefined): string => (size === undefined ? "" : write(size, style));
      return `${end(layout.start)}:${end(layout.stop)}${layout.step === 1 ? "" : `:${layout.step}`}`;
    }
    case "big":
      return style.big(layout.operator, layout.index, inside(layout.body, strength.juxtaposed));
    case "list":
      return layout.named ? style.braces(all(layout.items)) : `[${all(layout.items)}]`;
    case "names":
      return all(layout.items);
    default:
      return assertNever(layout);
  }
}

/** A call with other values for some of its arguments by name. */
export function withValues(use: Layout, values: ReadonlyMap<string, Layout>): Layout {
  if (use.kind !== "call" || values.size === 0) return use;
  const args = use.args.map((arg) => {
    const isNamed = arg.kind === "infix" && arg.operator === "=" && arg.left.kind === "symbol";
    const value = isNamed ? values.get(arg.left.name) : undefined;
    return value === undefined || arg.kind !== "infix" ? arg : { ...arg, right: value };
  });
  return { ...use, args };
}
