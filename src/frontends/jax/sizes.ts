/** @file Sizes as JAX writes them: sums of products of symbols and integers, such as `2*B^2 - 1`. */
import { addDims, type Dim, multiplyDims, symbol } from "../../ir/dim.ts";
import { Contradiction } from "../common/xla/contradiction.ts";

const token = /\s*([A-Za-z_]\w*|\d+|[-+*^])/y;
const largestPower = 8;

function tokens(text: string): string[] {
  const found: string[] = [];
  token.lastIndex = 0;
  while (token.lastIndex < text.length) {
    const match = token.exec(text)?.[1];
    if (match === undefined) throw new Contradiction("size", text, "a polynomial of sizes");
    found.push(match);
  }
  return found;
}

/** The size that a text says. */
export function parseSize(text: string): Dim {
  const refuse = (): Contradiction => new Contradiction("size", text, "a polynomial of sizes");
  const rest = tokens(text).reverse();
  const integer = (): number => {
    const value = Number(rest.pop());
    if (!Number.isSafeInteger(value)) throw refuse();
    return value;
  };
  const factor = (): Dim => {
    if (/^\d/.test(rest.at(-1) ?? "")) return integer();
    const name = rest.pop();
    if (name === undefined || !/^[A-Za-z_]/.test(name)) throw refuse();
    if (rest.at(-1) !== "^") return symbol(name);
    rest.pop();
    const power = integer();
    if (power > largestPower) throw refuse();
    return new Array<Dim>(power).fill(symbol(name)).reduce(multiplyDims, 1);
  };
  const term = (): Dim => {
    let product = factor();
    while (rest.at(-1) === "*") {
      rest.pop();
      product = multiplyDims(product, factor());
    }
    return product;
  };
  let [sum, sign] = [0 as Dim, 1];
  if (rest.at(-1) === "-") [sign] = [-1, rest.pop()];
  for (;;) {
    sum = addDims(sum, multiplyDims(sign, term()));
    const operator = rest.pop();
    if (operator === undefined) return sum;
    if (operator !== "+" && operator !== "-") throw refuse();
    sign = operator === "+" ? 1 : -1;
  }
}
