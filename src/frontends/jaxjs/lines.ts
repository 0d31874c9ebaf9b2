/**
 * @file Source lines for traced values. jax-js keeps none, so while a model is traced the method of the tracer that
 * records a primitive is wrapped and the caller's stack is read. The method is private to the library: where it is missing
 * or changed, there are no lines and nothing else changes.
 */
import { isArray, type Var } from "./module.ts";

export interface Frame {
  /** File URL or path, as the stack trace gives it. */
  readonly file: string;
  readonly line: number;
}

type Recorder = (this: Trace, primitive: string, inputs: unknown, params: unknown) => unknown;
interface Trace {
  readonly builder: { getVar(tracer: unknown): Var };
}

const ownFolder = new URL("./", import.meta.url).href;
const framePattern = /\(?((?:file:\/\/)?\/?[^\s()]+):(\d+):\d+\)?$/;

/** The frames of a stack that belong to the model, innermost first: not to a library, and not to what called the model. */
export function userFrames(stack: string | undefined): Frame[] {
  const frames = (stack ?? "").split("\n").flatMap((row) => {
    const [, file, line] = framePattern.exec(row.trim()) ?? [];
    return file === undefined || line === undefined ? [] : [{ file, line: Number(line) }];
  });
  const first = frames.findIndex(({ file }) => !isOwn(file));
  const called = frames.slice(
    first,
    frames.findIndex(({ file }, i) => i > first && isOwn(file)),
  );
  return called.filter(({ file }) => !file.includes("/node_modules/") && !file.startsWith("node:"));
}

const isOwn = (file: string): boolean => file.startsWith(ownFolder) || `file://${file}`.startsWith(ownFolder);

/** The prototype of the trace that a tracer belongs to, if it still has the shape that is wrapped here. */
function traceOf(tracer: unknown): { processPrimitive: Recorder } | undefined {
  const trace: unknown = isArray(tracer) ? Reflect.get(tracer, "_trace") : undefined;
  if (typeof trace !== "object" || trace === null || !("builder" in trace)) return undefined;
  const prototype: unknown = Object.getPrototypeOf(trace);
  const fits =
    typeof prototype === "object" &&
    prototype !== null &&
    Object.hasOwn(prototype, "processPrimitive") &&
    "processPrimitive" in prototype &&
    typeof prototype.processPrimitive === "function";
  return fits ? (prototype as { processPrimitive: Recorder }) : undefined;
}

// Library frames between the user's line and the primitive: einsum needs about ten, attention more.
const stackDepth = 40;

/**
 * Runs `run`, whose first argument among the tracers is `tracer`, and notes for each variable that it makes the user's
 * lines. The library is as before when it returns or throws.
 */
export function recordingLines<T>(tracer: unknown, lines: Map<Var, readonly Frame[]>, run: () => T): T {
  const target = traceOf(tracer);
  if (target === undefined) return run();
  const original = target.processPrimitive;
  const depth = Error.stackTraceLimit;
  target.processPrimitive = function (primitive, inputs, params) {
    const outputs = original.call(this, primitive, inputs, params);
    const frames = userFrames(new Error().stack);
    if (Array.isArray(outputs)) {
      for (const output of outputs) lines.set(this.builder.getVar(output), frames);
    }
    return outputs;
  };
  Error.stackTraceLimit = stackDepth;
  try {
    return run();
  } finally {
    target.processPrimitive = original;
    Error.stackTraceLimit = depth;
  }
}
