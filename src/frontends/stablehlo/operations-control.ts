/** @file Functions that are called, branches, and what only systems of several devices see. */
import type { Atom } from "../common/xla/program.ts";
import { whileLoop } from "./loops.ts";
import type { Rule, Use } from "./use.ts";

const calling =
  (attribute: string): Rule =>
  (use) => {
    const name = use.text(attribute);
    return use.become("jit", { jaxpr: use.body.called(name), name });
  };

/** One of several regions; an index outside means the last one. */
function branches(use: Use, index: Atom, isReversed: boolean): readonly Atom[] {
  const { programs, captured } = use.regions();
  const ordered = isReversed ? programs.toReversed() : programs;
  return use.become("cond", { branches: ordered }, [index, ...captured]);
}

const conditional: Rule = (use) => {
  const type = { ...use.typeOf(use.x), name: "int32", dtype: "int32" } as const;
  return branches(use, use.step("convert_element_type", [use.x], type), true);
};

const choice: Rule = (use) => {
  const count = use.operation.regions.length;
  const type = use.typeOf(use.x);
  const from = use.definition(use.x)?.primitive;
  if (use.x.kind === "number") {
    const { value } = use.x;
    const isInside = value >= 0 && value < count;
    return branches(use, isInside ? use.x : { ...use.x, value: count - 1 }, false);
  }
  // JAX clamps the index itself, or makes it of a truth value.
  if (from === "clamp" || from === "convert_element_type") return branches(use, use.x, false);
  const boolean = { ...type, name: "bool", dtype: "bool" } as const;
  const isBefore = use.step("lt", [use.x, { kind: "number", value: 0, type }], boolean);
  const last: Atom = { kind: "number", value: count - 1, type };
  return branches(use, use.step("select_n", [isBefore, use.x, last], type), false);
};

/** Calls that say where numbers are kept, or ask about sizes. */
const placing =
  /^(?:Sharding|SPMDFullToShardShape|SPMDShardToFullShape|LayoutConstraint|annotate_device_placement|xla\.sdy\..*)$/;

const customCall: Rule = (use) => {
  const target = use.text(use.attribute("callee") === undefined ? "call_target_name" : "callee");
  if (target === "shape_assertion") return [];
  if (placing.test(target) && use.operands.length === use.results.length) return use.operands;
  return use.unknown(`${use.operator} @${target}`);
};

const several = (use: Use): readonly Atom[] =>
  use.become("refused", {
    got: `${use.operator}, which asks other devices`,
    want: "a program of one device",
  });

const same: Rule = (use) => use.operands;

export const control: Readonly<Record<string, Rule>> = {
  "func.call": calling("callee"),
  "stablehlo.composite": calling("decomposition"),
  "stablehlo.while": whileLoop,
  "stablehlo.if": conditional,
  "stablehlo.case": choice,
  "stablehlo.custom_call": customCall,
  "stablehlo.all_gather": several,
  "stablehlo.all_reduce": several,
  "stablehlo.all_to_all": several,
  "stablehlo.collective_broadcast": several,
  "stablehlo.collective_permute": several,
  "stablehlo.cross-replica-sum": several,
  "stablehlo.reduce_scatter": several,
  "stablehlo.partition_id": several,
  "stablehlo.replica_id": several,
  "sdy.sharding_constraint": same,
  "sdy.reshard": same,
};
