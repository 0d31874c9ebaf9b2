/** @file Lists of tensors, which TensorFlow's loops collect their results in. */
import { at, range } from "../../../base/assert.ts";
import type { Node } from "../../../ir/graph.ts";
import { NotCovered } from "../../common/keras/problem.ts";
import type { Maker } from "../../common/maker.ts";
import type { Lower, Operation, Rows } from "./operation.ts";
import type { TensorList } from "./values.ts";

const known = (o: Operation, index: Node): number | undefined => {
  const [place] = o.known(index) ?? [];
  return typeof place === "number" ? place : undefined;
};

/** The element of stacked tensors at an index, which may be data. */
export function rowAt(make: Maker, rows: Node, index: Node, place: number | undefined): Node {
  if (place === undefined) return make.apply("Take", [rows, index], {});
  return make.reshape(make.slice(rows, 0, place, place + 1), rows.type.shape.slice(1));
}

const getItem: Lower = (o) => {
  const [list, index] = [o.tensorList(0), o.tensor(1)];
  if (list.kind === "carried") {
    if (list.written !== undefined) throw new NotCovered("a list that is read after it was written to");
    return list.element(index);
  }
  const place = known(o, index);
  if (list.kind === "rows") return rowAt(o, list.rows, index, place);
  const item = place === undefined ? undefined : list.items.get(place);
  if (item === undefined) throw new NotCovered("an element of a list that was not set before");
  return item;
};

const setItem: Lower = (o) => {
  const [list, index, item] = [o.tensorList(0), o.tensor(1), o.tensor(2)];
  const place = known(o, index);
  if (list.kind === "carried") {
    const own = list.isRound(index) ? "round" : place;
    if (list.written !== undefined || own === undefined)
      throw new NotCovered("a loop that does not write to a list once in a round, at the round's own place");
    return { ...list, written: { place: own, item } };
  }
  if (list.kind !== "items" || place === undefined)
    throw new NotCovered("an element of a list that is set anew, or at a place that depends on data");
  return { ...list, items: new Map([...list.items, [place, item]]) };
};

const stack: Lower = (o) => {
  const list = o.tensorList(0);
  if (list.kind === "rows") return list.rows;
  if (list.kind === "carried" || typeof list.length !== "number" || list.length === 0)
    throw new NotCovered("a list that is stacked before it is complete");
  const items = [...range(Math.min(list.length, list.items.size + 1))].map((place) => list.items.get(place));
  return o.concat(
    items.map((item) => {
      if (item === undefined) throw new NotCovered("a list some of whose elements are not set");
      return o.reshape(item, [1, ...item.type.shape]);
    }),
    0,
  );
};

const lengthOf = (o: Operation, list: TensorList): Node => {
  if (list.kind === "carried") throw new NotCovered("the length of a list inside a loop");
  const length = list.kind === "rows" ? at(list.rows.type.shape, 0) : list.length;
  return o.size(length, "int32");
};

export const lists: Rows = {
  TensorListReserve: (o) => ({ kind: "items", length: at(o.dims(1), 0), items: new Map() }),
  TensorListFromTensor: (o) => ({ kind: "rows", rows: o.tensor(0) }),
  TensorListGetItem: getItem,
  TensorListSetItem: setItem,
  TensorListStack: stack,
  TensorListLength: (o) => lengthOf(o, o.tensorList(0)),
};
