/** @file Sizes of arguments that a module leaves open, and names that JAX's exporter puts into the function that main calls. */
import { at } from "../../base/assert.ts";
import { type Dim, symbol } from "../../ir/dim.ts";
import { type Program, unknownSize, type XlaType } from "../common/xla/program.ts";
import { sizeName } from "./names.ts";
import type { Argument, Function, Module, Operation } from "./syntax.ts";

/** An open size: an axis of an argument. */
const sizeKey = (argument: number, axis: number): string => `${argument}.${axis}`;

/** The function whose arguments main's are, behind sizes, with the place of main's argument for each of its own. */
function wrapped(
  module: Module,
  main: Function,
): { readonly inner: Function; readonly places: readonly number[] } | undefined {
  const [call, ...others] = main.body.operations.filter(({ name }) => name === "func.call");
  const callee = call?.attributes.get("callee");
  const inner = typeof callee === "string" ? module.functions.get(callee) : undefined;
  if (call === undefined || inner === undefined || others.length > 0 || !/export/.test(inner.name))
    return undefined;
  return {
    inner,
    places: call.operands.map((name) => main.inputs.findIndex((input) => input.name === name)),
  };
}

/** The arguments of main, with the names of the exported function's. */
export function namedArguments(module: Module, main: Function): readonly Argument[] {
  const called = wrapped(module, main);
  return main.inputs.map((input, place) => {
    const inner = called?.places.indexOf(place) ?? -1;
    return called?.inner.inputs[inner] ?? input;
  });
}

/** The types of main's inputs, with a symbol for each open size; sizes that main requires to be equal are one. */
export function typesOfInputs(module: Module, main: Function, program: Program): readonly XlaType[] {
  const sizes = openSizes(module, main);
  return program.inputs.map(({ type }, argument) => ({
    ...type,
    shape: type.shape.map((size, axis): Dim => {
      if (size !== unknownSize) return size;
      const key = sizeKey(argument, axis);
      return symbol(sizes.get(key) ?? `n${key.replace(".", "_")}`);
    }),
  }));
}

/** Names of open sizes. */
function openSizes(module: Module, main: Function): ReadonlyMap<string, string> {
  const measured = new Map<string, string>();
  const definitions = new Map<string, Operation>();
  const groups = new Map<string, string>();
  const root = (key: string): string => {
    const next = groups.get(key);
    return next === undefined ? key : root(next);
  };
  for (const operation of main.body.operations) {
    for (const name of operation.results) definitions.set(name, operation);
    const key = measuredSize(main, operation);
    if (key !== undefined) for (const name of operation.results) measured.set(name, key);
    const equal =
      operation.attributes.get("callee") === "shape_assertion"
        ? definitions.get(operation.operands[0] ?? "")
        : undefined;
    if (equal?.attributes.get("comparison_direction") !== "EQ") continue;
    const [a, b] = equal.operands.map((name) => measured.get(name));
    if (a !== undefined && b !== undefined && root(a) !== root(b)) groups.set(root(a), root(b));
  }
  const names = new Map<string, string>();
  const called = wrapped(module, main);
  const call = main.body.operations.find(({ name }) => name === "func.call");
  for (const [place, argument] of (called?.inner.inputs ?? []).entries()) {
    const key = measured.get(call?.operands[place] ?? "");
    const name = sizeName(argument);
    if (key !== undefined && name !== undefined) names.set(root(key), name);
  }
  const keys = new Set(measured.values());
  return new Map([...keys].map((key) => [key, names.get(root(key)) ?? `n${root(key).replace(".", "_")}`]));
}

/** The open size that an operation measures. */
function measuredSize(main: Function, { name, operands, attributes }: Operation): string | undefined {
  if (name !== "stablehlo.get_dimension_size") return undefined;
  const argument = main.inputs.findIndex((input) => input.name === at(operands, 0));
  const axis = attributes.get("dim") ?? attributes.get("dimension");
  return argument >= 0 && typeof axis === "number" ? sizeKey(argument, axis) : undefined;
}
