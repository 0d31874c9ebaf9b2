/**
 * @file Functions of jax-js that are operators of the graph. A traced program calls them by name; the name is trusted
 * only where the body is the library's own, traced on the same types, so that a user's function `tanh` is read as it is.
 */
import { isArray, type Jax, type Jaxpr } from "./module.ts";
import type { KnownOperator, Recogniser } from "./program.ts";

interface Known {
  readonly operator: KnownOperator;
  readonly call: (jax: Jax, args: readonly unknown[]) => unknown;
}

const known: Readonly<Record<string, readonly Known[]>> = {
  tanh: [{ operator: "Tanh", call: (jax, args) => jax.numpy["tanh"]?.(...args) }],
  silu: [{ operator: "Silu", call: (jax, args) => jax.nn["silu"]?.(...args) }],
  power: [{ operator: "Power", call: (jax, args) => jax.numpy["power"]?.(...args) }],
  gelu: [
    { operator: "GeluTanh", call: (jax, [x]) => jax.nn["gelu"]?.(x, { approximate: true }) },
    { operator: "Gelu", call: (jax, [x]) => jax.nn["gelu"]?.(x, { approximate: false }) },
  ],
};

/** A recogniser that traces the library's functions once for each type of argument. */
export function newRecogniser(jax: Jax): Recogniser {
  const bodies = new Map<string, string | undefined>();
  return (name, body) => {
    const text = String(body);
    const types = body.inBinders.map(({ aval }) => `${aval.dtype}[${aval.shape.join()}]`).join();
    const own = Object.hasOwn(known, name) ? known[name] : undefined;
    return own?.find((candidate) => {
      const key = `${candidate.operator}(${types})`;
      if (!bodies.has(key)) bodies.set(key, libraryBody(jax, candidate, body));
      return bodies.get(key) === text;
    })?.operator;
  };
}

/** Text of the library's function on arguments of the same types; `undefined` if it does not take them. */
function libraryBody(jax: Jax, { call }: Known, { inBinders }: Jaxpr): string | undefined {
  const args = inBinders.map(({ aval }) => jax.numpy.zeros(aval.shape, { dtype: aval.dtype }));
  try {
    const { jaxpr } = jax.makeJaxpr((...tracers) => call(jax, tracers))(...args);
    return String(jaxpr.jaxpr.eqns[0]?.params["jaxpr"]);
  } catch {
    return undefined;
  } finally {
    for (const array of args.filter(isArray)) array.dispose();
  }
}
