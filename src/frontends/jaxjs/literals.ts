/** @file Scalars of a traced program as nodes. */
import type { Place } from "../../diag/diagnostic.ts";
import type { Node } from "../../ir/graph.ts";
import type { Dtype } from "../../ir/type.ts";
import { numberNode } from "../common/literals.ts";
import type { Maker } from "../common/maker.ts";
import type { Literal } from "./program.ts";

/** The constant that a literal stands for, at `dtype`. Throws Unsupported for NaN. */
export function literalNode(make: Maker, atom: Literal, dtype: Dtype, where: Place): Node {
  if (atom.kind === "number") return numberNode(make, atom.value, dtype, where);
  const size = make.size(atom.size, dtype);
  return atom.kind === "size" ? size : make.apply("Reciprocal", [size], {});
}
