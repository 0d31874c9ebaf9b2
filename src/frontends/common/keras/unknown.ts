/** @file Layers that are not Keras's own, of which a file holds only the name, the options and the weights. */
import { quoted } from "../../../diag/diagnostic.ts";
import type { Node } from "../../../ir/graph.ts";
import { isReal } from "../../../ir/type.ts";
import { jsonText } from "./config.ts";
import { type Layer, tensorsOf } from "./layer.ts";
import type { Step } from "./order.ts";
import type { LayerSpec } from "./parse.ts";
import { NotCovered } from "./problem.ts";
import { keyOf, type Reference, referencesIn, shapeOf } from "./references.ts";

/** A layer that is called, and the shape that the file declares for what it gives. */
export interface Called {
  readonly layer: LayerSpec;
  readonly shape: DeclaredShape | undefined;
}
type DeclaredShape = NonNullable<Reference["shape"]>;

/** What arguments say of the tensors that they name. */
export function declaredShapes(steps: readonly Step[]): ReadonlyMap<string, DeclaredShape> {
  const references = steps.flatMap(({ layer, call }) =>
    [...call.args, call.kwargs].flatMap((value) => referencesIn(layer.name, value)),
  );
  return new Map(
    references.flatMap((one) => (one.shape === undefined || one.tensor > 0 ? [] : [[keyOf(one), one.shape]])),
  );
}

/** A class of which only the name is known, as a function of its inputs and weights; its shape must be known from the file. */
export function unknownLayer(c: Layer, { className }: LayerSpec, shape: DeclaredShape | undefined): Node {
  const tensors = [...c.args.flatMap(tensorsOf), ...[...c.named.values()].flatMap(tensorsOf)];
  const first = tensors[0];
  if (shape === undefined || first === undefined || shape.slice(1).includes(null))
    throw new NotCovered(`a layer of class ${className}, whose output has a shape that is not known`);
  const weights = c.variables.all().map((variable) => c.reading.parameters.node(variable, c.isTrainable));
  const dtype = isReal(first.type.dtype) ? first.type.dtype : "float32";
  const sizes = shapeOf(shape, () => "");
  const attributes = jsonText({ ...c.config.values, name: undefined });
  c.note(
    `${quoted(className)} (${quoted(c.name)}) is kept as an unknown function: it is not a layer of Keras`,
  );
  const result = c.apply("Opaque", [...tensors, ...weights], {
    name: className,
    attributes,
    shape: sizes,
    dtype,
  });
  if (tensors.some((x) => c.knownMask(x) !== undefined || c.reading.unclear.has(x)))
    c.reading.unclear.add(result);
  return result;
}
