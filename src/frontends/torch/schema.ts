/**
 * @file The part of torch.export's serialised program that is read (torch/_export/serde/schema.py, major version 8).
 * Unknown fields are ignored.
 */
import { z } from "zod";

interface Named {
  readonly name: string;
}
/** JSON has no words for these, so torch writes them as strings. */
type Float = number | bigint | "Infinity" | "-Infinity" | "NaN";
/** The types of shape entries: a size, and a size as an operator's argument. */
export type SymbolicInteger = { as_int: number | bigint } | { as_expr: { expr_str: string } };
type IntegerArgument = { as_int: number | bigint } | { as_name: string };
type OptionalTensor = { as_tensor: Named } | { as_none: boolean };

/** A union: exactly one key is present. */
export interface Argument {
  readonly as_none?: boolean | undefined;
  readonly as_tensor?: Named | undefined;
  readonly as_tensors?: Named[] | undefined;
  readonly as_optional_tensor?: OptionalTensor | undefined;
  readonly as_optional_tensors?: OptionalTensor[] | undefined;
  readonly as_int?: number | bigint | undefined;
  readonly as_ints?: (number | bigint)[] | undefined;
  readonly as_float?: Float | undefined;
  readonly as_floats?: Float[] | undefined;
  readonly as_bool?: boolean | undefined;
  readonly as_string?: string | undefined;
  readonly as_sym_int?: IntegerArgument | undefined;
  readonly as_sym_ints?: IntegerArgument[] | undefined;
  readonly as_scalar_type?: number | undefined;
  readonly as_graph?: { graph: Region } | undefined;
}
/** Names of the tensors in an argument. */
export const tensorNames = ({
  as_tensor,
  as_tensors,
  as_optional_tensor,
  as_optional_tensors,
}: Argument): string[] =>
  [as_tensor, as_optional_tensor, ...(as_tensors ?? []), ...(as_optional_tensors ?? [])].flatMap((item) => {
    if (item === undefined || "as_none" in item) return [];
    return ["as_tensor" in item ? item.as_tensor.name : item.name];
  });
export interface TensorMeta {
  readonly dtype: number;
  readonly sizes: SymbolicInteger[];
  readonly requires_grad: boolean;
  readonly strides: SymbolicInteger[];
  readonly storage_offset: SymbolicInteger;
}
export interface ProgramNode {
  readonly target: string;
  readonly inputs: { name: string; arg: Argument }[];
  readonly outputs: Argument[];
  readonly metadata: Record<string, string>;
}
export interface ProgramGraph {
  readonly nodes: ProgramNode[];
  readonly tensor_values: Record<string, TensorMeta>;
  readonly sym_int_values: Record<string, SymbolicInteger>;
}
/** A graph inside the graph: the body of a branch, a loop or a `with` block. */
export interface Region extends ProgramGraph {
  readonly inputs: Argument[];
  readonly outputs: Argument[];
}
/** A union: exactly one key is present, or one that is not read. */
export interface InputSpec {
  readonly user_input?: { arg: Argument } | undefined;
  readonly parameter?: { arg: Named; parameter_name: string } | undefined;
  readonly buffer?: { arg: Named; buffer_name: string } | undefined;
  readonly tensor_constant?: { arg: Named; tensor_constant_name: string } | undefined;
  readonly constant_input?: Named | undefined;
}
/** A union like InputSpec. */
interface OutputSpec {
  readonly user_output?: { arg: Argument } | undefined;
  readonly loss_output?: { arg: Named } | undefined;
  readonly buffer_mutation?: { arg: Named; buffer_name: string } | undefined;
}
export interface ModuleCall {
  readonly fqn: string;
  readonly signature?: { out_spec: string } | null | undefined;
}
export interface Version {
  readonly schema_version: { major: number; minor: number };
  readonly torch_version?: string | undefined;
}
export interface Program {
  readonly graph_module: {
    graph: ProgramGraph;
    signature: { input_specs: InputSpec[]; output_specs: OutputSpec[] };
    module_call_graph: ModuleCall[];
  };
}
export interface StoredTensor {
  readonly path_name: string;
  readonly use_pickle?: boolean | undefined;
  readonly tensor_meta?: TensorMeta | null | undefined;
}

const integer = z.union([z.int(), z.bigint()]);
const float = z.union([z.number(), z.bigint(), z.enum(["Infinity", "-Infinity", "NaN"])]);
const named = z.object({ name: z.string() });
const symbolicInteger = z.union([
  z.object({ as_int: integer }),
  z.object({ as_expr: z.object({ expr_str: z.string() }) }),
]);
const integerArgument = z.union([z.object({ as_int: integer }), z.object({ as_name: z.string() })]);
const optionalTensor = z.union([z.object({ as_tensor: named }), z.object({ as_none: z.boolean() })]);

/** Kinds that are not read stay in the attributes of unknown operators, so that those differ where their arguments do. */
const argument: z.ZodType<Argument> = z
  .looseObject({
    as_none: z.boolean(),
    as_tensor: named,
    as_tensors: z.array(named),
    as_optional_tensor: optionalTensor,
    as_optional_tensors: z.array(optionalTensor),
    as_int: integer,
    as_ints: z.array(integer),
    as_float: float,
    as_floats: z.array(float),
    as_bool: z.boolean(),
    as_string: z.string(),
    as_sym_int: integerArgument,
    as_sym_ints: z.array(integerArgument),
    as_scalar_type: z.int(),
    as_graph: z.object({ graph: z.lazy(() => region) }),
  })
  .partial();

const tensorMeta = z.object({
  dtype: z.int(),
  sizes: z.array(symbolicInteger),
  requires_grad: z.boolean(),
  strides: z.array(symbolicInteger),
  storage_offset: symbolicInteger,
});

const node = z.object({
  target: z.string(),
  inputs: z.array(z.object({ name: z.string(), arg: argument })),
  outputs: z.array(argument),
  metadata: z.record(z.string(), z.string()),
});

const graph = z.object({
  nodes: z.array(node),
  tensor_values: z.record(z.string(), tensorMeta),
  sym_int_values: z.record(z.string(), symbolicInteger),
});
const region: z.ZodType<Region> = graph.extend({ inputs: z.array(argument), outputs: z.array(argument) });

const inputSpec = z
  .object({
    user_input: z.object({ arg: argument }),
    parameter: z.object({ arg: named, parameter_name: z.string() }),
    buffer: z.object({ arg: named, buffer_name: z.string() }),
    tensor_constant: z.object({ arg: named, tensor_constant_name: z.string() }),
    constant_input: named,
  })
  .partial();

const outputSpec = z
  .object({
    user_output: z.object({ arg: argument }),
    loss_output: z.object({ arg: named }),
    buffer_mutation: z.object({ arg: named, buffer_name: z.string() }),
  })
  .partial();

/** Read before the rest, so that another version is named and not reported as a malformed file. */
export const version: z.ZodType<Version> = z.object({
  schema_version: z.object({ major: z.int(), minor: z.int() }),
  torch_version: z.string().optional(),
});

export const program: z.ZodType<Program> = z.object({
  graph_module: z.object({
    graph,
    signature: z.object({ input_specs: z.array(inputSpec), output_specs: z.array(outputSpec) }),
    module_call_graph: z.array(
      z.object({ fqn: z.string(), signature: z.object({ out_spec: z.string() }).nullish() }),
    ),
  }),
});

/** `data/weights/NAME_weights_config.json` and its twin for constants. */
export const storedTensors: z.ZodType<{ readonly config: Record<string, StoredTensor> }> = z.object({
  config: z.record(
    z.string(),
    z.object({
      path_name: z.string(),
      use_pickle: z.boolean().optional(),
      tensor_meta: tensorMeta.nullish(),
    }),
  ),
});
