/** @file Plain text of mathematics: what a terminal shows and a spec may contain. */
import { type Layout, type Style, write } from "../base/layout.ts";

const subscripted = (name: string, subscript: readonly string[]): string => {
  if (subscript.length === 0) return name;
  const text = subscript.join(",");
  return /^\w+$/.test(text) ? `${name}_${text}` : `${name}_{${text}}`;
};

const plain: Style = {
  name: (name) => name,
  call: (name, subscript, args) => `${subscripted(name, subscript)}(${args})`,
  number: (text) => text,
  groupedFraction: false,
  infix: (operator, left, right) => {
    if (operator === "juxtaposed") return `${left} ${right}`;
    return `${left} ${operator} ${right}`;
  },
  power: (base, exponent) => (/^\w+$/.test(exponent) ? `${base}^${exponent}` : `${base}^(${exponent})`),
  transpose: (operand) => `${operand}^T`,
  big: (operator, over, body) => `${subscripted(operator, over)} ${body}`,
  parentheses: (inner) => `(${inner})`,
  braces: (inner) => `{${inner}}`,
};

/** One line of plain text. */
export const toPlainText = (layout: Layout): string => write(layout, plain);
