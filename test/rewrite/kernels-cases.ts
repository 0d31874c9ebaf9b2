/** @file Cases of the rules in src/rewrite/kernels.ts. */
import { symbol } from "../../src/ir/dim.ts";
import type { Node } from "../../src/ir/graph.ts";
import type { Cases, Values } from "./values.ts";

const B = symbol("B");
/** [6, 2, 3] and [2, 3, 6], and [2, 3]. */
const kernel = (v: Values): Node => v.parameter("kernel", [6, 2, 3]);
const back = (v: Values): Node => v.parameter("back", [2, 3, 6]);
const bias = (v: Values): Node => v.parameter("bias", [2, 3]);
/** [B, 4, 6] as [B, 4, 2, 3]. */
const apart = (v: Values, rows = v.wide): Node => v.reshape(rows, [B, 4, 2, 3]);
const flat = (v: Values, w: Node): Node => v.contract("abc,cd->abd", v.wide, v.reshape(w, [6, 6]));

export const kernelsCases: Cases = {
  "kernel-of-heads": {
    applies: [
      (v) => v.contract("abc,cde->abde", v.wide, kernel(v)),
      (v) => v.contract("abc,cde->adbe", v.wide, kernel(v)),
    ],
    conditions: {
      "d is the last axis of x": {
        near: (v) =>
          v.contract("abc,cde->abde", v.transpose(v.wide, 0, 2, 1), v.parameter("kernel", [4, 2, 3])),
        wrong: (v) =>
          v.reshape(v.contract("abc,bd->acd", v.wide, v.reshape(v.parameter("kernel", [4, 2, 3]), [4, 6])), [
            B,
            6,
            3,
            2,
          ]),
      },
      "and the first of W": {
        near: (v) => v.contract("abc,dec->abde", v.wide, back(v)),
        wrong: (v) => v.reshape(flat(v, back(v)), [B, 4, 2, 3]),
      },
      "which x has no other axis of": {
        near: (v) => v.contract("abc,cbd->abd", v.wide, v.parameter("kernel", [6, 4, 3])),
        wrong: (v) => v.neg(v.contract("abc,cbd->abd", v.wide, v.parameter("kernel", [6, 4, 3]))),
      },
    },
  },
  "kernel-of-merged-heads": {
    applies: [
      (v) => v.contract("abcd,cde->abe", apart(v), back(v)),
      (v) => v.contract("abcd,bde->ace", v.stack, back(v)),
    ],
    conditions: {
      "h k are the first axes of W": {
        near: (v) =>
          v.contract("abcd,cde->abe", v.transpose(v.stack, 0, 2, 3, 1), v.parameter("other", [3, 2, 6])),
        wrong: (v) => {
          const matrix = v.reshape(v.parameter("other", [3, 2, 6]), [6, 6]);
          return v.contract("abc,cd->abd", v.apply("MergeHeads", [v.stack], {}), matrix);
        },
      },
      "k is the last axis of z": {
        near: (v) => v.contract("abcd,bce->ade", v.transpose(v.stack, 0, 1, 3, 2), back(v)),
        wrong: (v) => v.neg(v.contract("abcd,bde->ace", v.stack, back(v))),
      },
      "both are summed": {
        near: (v) => v.contract("abcd,cde->abce", apart(v), back(v)),
        wrong: (v) => v.neg(v.contract("abcd,cde->abce", apart(v), back(v))),
      },
    },
  },
  "bias-of-heads": {
    applies: [(v) => v.add(apart(v), bias(v)), (v) => v.add(bias(v), apart(v))],
    conditions: {
      "b : [h, k]": {
        near: (v) => v.add(apart(v), v.parameter("bias", [1, 3])),
        wrong: (v) => v.add(apart(v), v.neg(v.parameter("bias", [1, 3]))),
      },
      "the last axis is split": {
        near: (v) => v.add(v.reshape(v.wide, [B, 3, 4, 2]), v.parameter("bias", [4, 2])),
        wrong: (v) => v.sub(v.reshape(v.wide, [B, 3, 4, 2]), v.parameter("bias", [4, 2])),
      },
    },
  },
  "heads-in-front": {
    applies: [
      (v) => v.contract("abcd,aecd->acbe", apart(v), apart(v, v.exp(v.wide))),
      (v) => v.contract("abcd,adce->acbe", apart(v), v.transpose(v.stack, 0, 3, 1, 2)),
      (v) => v.contract("abcd,adbe->acbe", v.contract("abcd,abed->abce", v.stack, v.stack), apart(v)),
    ],
    conditions: {
      "heads that both have": {
        near: (v) => v.contract("abcd,aefd->abcef", apart(v), apart(v)),
        wrong: (v) => v.neg(v.contract("abcd,aefd->abcef", apart(v), apart(v))),
      },
      "heads of the last axis": {
        near: (v) =>
          v.contract("abcd,aecd->acbe", v.reshape(v.wide, [B, 2, 4, 3]), v.reshape(v.wide, [B, 2, 4, 3])),
        wrong: (v) => v.reshape(v.contract("abcd,aecd->acbe", apart(v), apart(v)), [B, 4, 4, 2]),
      },
    },
  },
  "factors-exchanged": {
    applies: [(v) => v.contract("abcd,abec->abed", v.stack, v.contract("abcd,abed->abec", v.stack, v.stack))],
    conditions: {
      "is a matrix product": {
        near: (v) => v.contract("abcd,abce->abde", v.stack, v.stack),
        wrong: (v) => v.neg(v.contract("abcd,abce->abde", v.stack, v.stack)),
      },
    },
  },
};
