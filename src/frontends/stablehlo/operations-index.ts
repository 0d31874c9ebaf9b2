/** @file Operations that read and write at computed places. */
import { only, range } from "../../base/assert.ts";
import { bodyText } from "../common/xla/known.ts";
import type { Atom, Param, XlaType } from "../common/xla/program.ts";
import type { Rule, Use } from "./use.ts";

/** Indices whose vectors are their last axis, as JAX has them; without such an axis each is a vector of one. */
function indicesOf(use: Use, indices: Atom, axis: number): Atom {
  const type = use.typeOf(indices);
  const rank = type.shape.length;
  if (axis === rank)
    return use.step("reshape", [indices], { ...type, shape: [...type.shape, 1] }, { dimensions: null });
  if (axis === rank - 1) return indices;
  const order = [...range(rank).filter((i) => i !== axis), axis];
  const shape = order.map((i) => type.shape[i] ?? 1);
  return use.step("transpose", [indices], { ...type, shape }, { permutation: order });
}

const gatherDimensions = (use: Use): Readonly<Record<string, Param>> => {
  const member = (name: string): readonly number[] => use.member("dimension_numbers", name) ?? [];
  return {
    offset_dims: member("offset_dims"),
    collapsed_slice_dims: member("collapsed_slice_dims"),
    start_index_map: member("start_index_map"),
    operand_batching_dims: member("operand_batching_dims"),
    start_indices_batching_dims: member("start_indices_batching_dims"),
  };
};
const vectorAxis = (use: Use, name: string): number => use.member(name, "index_vector_dim")?.[0] ?? 0;

/** Places outside are moved inside. */
const gather: Rule = (use) => {
  const indices = indicesOf(use, use.y, vectorAxis(use, "dimension_numbers"));
  const params = {
    dimension_numbers: gatherDimensions(use),
    slice_sizes: use.ints("slice_sizes"),
    mode: "CLIP",
  };
  return use.become("gather", params, [use.x, indices]);
};
const dynamicGather: Rule = (use) => {
  const indices = indicesOf(use, use.y, vectorAxis(use, "dimension_numbers"));
  const params = { dimension_numbers: gatherDimensions(use), mode: "CLIP" };
  return use.becomeSized("gather", ["slice_sizes"], params, [use.x, indices, use.operand(2)]);
};

/** What becomes of an element with what is written to it. */
const writers: ReadonlyMap<string, string> = new Map([
  ["->1", "scatter"],
  ["add(0,1)->2", "scatter-add"],
  ["add(1,0)->2", "scatter-add"],
  ["sub(0,1)->2", "scatter-sub"],
  ["mul(0,1)->2", "scatter-mul"],
  ["min(0,1)->2", "scatter-min"],
  ["max(0,1)->2", "scatter-max"],
]);

/** What is written outside is lost. */
const scatter: Rule = (use) => {
  const { programs, captured } = use.regions();
  const writer = writers.get(bodyText(only(programs)));
  if (use.operands.length !== 3 || writer === undefined || captured.length > 0)
    return use.become("refused", {
      got: "stablehlo.scatter with a function of its own",
      want: "numbers that replace others or are added, subtracted, multiplied or compared",
    });
  const name = "scatter_dimension_numbers";
  const member = (key: string): readonly number[] => use.member(name, key) ?? [];
  const params: Readonly<Record<string, Param>> = {
    dimension_numbers: {
      update_window_dims: member("update_window_dims"),
      inserted_window_dims: member("inserted_window_dims"),
      scatter_dims_to_operand_dims: member("scatter_dims_to_operand_dims"),
      operand_batching_dims: member("input_batching_dims"),
      scatter_indices_batching_dims: member("scatter_indices_batching_dims"),
    },
    unique_indices: use.flag("unique_indices"),
    mode: "FILL_OR_DROP",
  };
  const indices = indicesOf(use, use.y, vectorAxis(use, name));
  return use.become(writer, params, [use.x, indices, use.operand(2)]);
};

const sizesOf = (use: Use): readonly number[] =>
  use.ints(use.attribute("sizes") === undefined ? "slice_sizes" : "sizes");

/** x[i…] for integers along one axis, as PyTorch's index_select. */
const select: Rule = (use) => {
  if (use.int("batch_dims", 0) !== 0) return use.become("stablehlo.torch_index_select");
  const axis = use.int("dim");
  const [type, places] = [use.typeOf(use.x), use.typeOf(use.y)];
  const rank = places.shape.length;
  const vectors: XlaType = { ...places, shape: [...places.shape, 1] };
  const indices = use.step("reshape", [use.y], vectors, { dimensions: null });
  const others = range(type.shape.length).filter((i) => i !== axis);
  const dimensions: Readonly<Record<string, Param>> = {
    offset_dims: others.map((i) => (i < axis ? i : i - 1 + rank)),
    collapsed_slice_dims: [axis],
    start_index_map: [axis],
    operand_batching_dims: [],
    start_indices_batching_dims: [],
  };
  const sizes = type.shape.map((size, i) => (i === axis ? 1 : size));
  const params = { dimension_numbers: dimensions, slice_sizes: sizes, mode: "CLIP" };
  return use.become("gather", params, [use.x, indices]);
};

export const indexing: Readonly<Record<string, Rule>> = {
  gather,
  dynamic_gather: dynamicGather,
  scatter,
  dynamic_slice: (use) => use.become("dynamic_slice", { slice_sizes: sizesOf(use) }),
  dynamic_update_slice: (use) => use.become("dynamic_update_slice"),
  torch_index_select: select,
};
