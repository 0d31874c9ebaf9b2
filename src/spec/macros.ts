/** @file What LaTeX macros and Unicode characters stand for in the plain notation. */
import { range } from "../base/assert.ts";

/** Macros that are another spelling of a plain operator or name. */
export const operatorMacros: ReadonlyMap<string, string> = new Map(
  Object.entries({
    "{": "{",
    "}": "}",
    odot: "*",
    circ: "*",
    ast: "*",
    cdot: ".",
    times: "×",
    in: "in",
    to: "->",
    rightarrow: "->",
    longrightarrow: "->",
    le: "<=",
    leq: "<=",
    lt: "<",
    ge: ">=",
    geq: ">=",
    gt: ">",
    ne: "!=",
    neq: "!=",
    lvert: "|",
    rvert: "|",
    vert: "|",
    mid: "|",
    colon: ":",
    lbrack: "[",
    rbrack: "]",
    ldots: "..",
    dots: "..",
    cdots: "..",
  }),
);

/** Macros that are another spelling of a name. */
export const nameMacros: ReadonlyMap<string, string> = new Map(
  Object.entries({
    top: "T",
    intercal: "T",
    land: "and",
    wedge: "and",
    lor: "or",
    vee: "or",
    neg: "not",
    infty: "inf",
    lnot: "not",
    ln: "log",
    varepsilon: "epsilon",
    vartheta: "theta",
    varphi: "phi",
  }),
);

/** Macros around a name that only choose its typeface. */
export const fontMacros: ReadonlySet<string> = new Set([
  "mathrm",
  "mathit",
  "mathbf",
  "mathsf",
  "mathtt",
  "mathcal",
  "mathbb",
  "boldsymbol",
  "bm",
  "pmb",
  "operatorname",
]);

/** Macros that put a mark over a name: `\hat{y}` is the name `y_hat`. */
export const accentMacros: ReadonlySet<string> = new Set([
  "hat",
  "tilde",
  "bar",
  "vec",
  "widehat",
  "overline",
]);

/** Macros without meaning: sizes of brackets, spaces, where limits are set. */
export const silentMacros: ReadonlySet<string> = new Set(
  [
    "left right big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr",
    "limits nolimits displaystyle textstyle nonumber notag",
  ].flatMap((names) => names.split(" ")),
);

export const environments: ReadonlySet<string> = new Set(
  "aligned align align* equation equation* gathered gather gather* split".split(" "),
);

const greekNames =
  "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho final sigma tau upsilon phi chi psi omega".split(
    " ",
  );

/** Characters to LaTeX; `{}` ends a macro so that what follows stays adjacent. */
const characters: ReadonlyMap<string, string> = new Map([
  ...greekNames.map((name, i) => [String.fromCodePoint(0x3b1 + i), `\\${name}{}`] as const),
  ...greekNames.map(
    (name, i) =>
      [String.fromCodePoint(0x391 + i), `\\${name.charAt(0).toUpperCase()}${name.slice(1)}{}`] as const,
  ),
  ...Object.entries({
    "∑": "\\sum{}",
    "√": "\\sqrt{}",
    "·": ".",
    "⋅": ".",
    "⊙": "*",
    "∘": "*",
    "∗": "*",
    "∈": "\\in{}",
    ℝ: "R",
    ℤ: "Z",
    "→": "->",
    "−": "-",
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
    "∧": "\\land{}",
    "∨": "\\lor{}",
    "¬": "\\lnot{}",
    "⊤": "T",
    ᵀ: "^T",
    ε: "\\epsilon{}",
    "\u00a0": " ",
  }),
]);

const subscripts = new Map(
  [..."₀₁₂₃₄₅₆₇₈₉ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ"].map((c, i) => [c, [..."0123456789aehijklmnoprstuvx"][i] ?? ""] as const),
);
const superscripts = new Map([..."⁰¹²³⁴⁵⁶⁷⁸⁹"].map((c, i) => [c, String(i)] as const));

/** A line in ASCII as far as possible, with the column of the original for each of its characters. */
export interface PlainLine {
  readonly text: string;
  readonly columns: readonly number[];
}

/** Rewrites Unicode mathematics: `W₁ᵀ` is `W_1^T`, `α` is `\alpha`. */
export function plainLine(line: string): PlainLine {
  const parts: string[] = [];
  const columns: number[] = [];
  let [column, script] = [1, ""];
  for (const character of line) {
    const [low, high] = [subscripts.get(character), superscripts.get(character)];
    const mark = low !== undefined ? "_" : high !== undefined ? "^" : "";
    const written = low ?? high ?? characters.get(character) ?? character;
    // A run of small digits is one index or one exponent.
    const text = mark !== "" && mark !== script ? `${mark}${written}` : written;
    script = mark;
    parts.push(text);
    for (const _ of range(text.length)) columns.push(column);
    column += character.length;
  }
  return { text: parts.join(""), columns: [...columns, column] };
}
