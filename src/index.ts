/** @file Assay as a library. Nothing here touches files or Node, so it also runs in a browser. */
export { Diagnostic, type Place, type Report, Unsupported } from "./diag/diagnostic.ts";
export type { ByteSource, ModelFolder } from "./frontends/common/source.ts";
export type { JaxModel } from "./frontends/jaxjs/module.ts";
export { traceJaxjs } from "./frontends/jaxjs/trace.ts";
export { readOnnx } from "./frontends/onnx/read.ts";
export { readTorchExport } from "./frontends/torch/read.ts";
export type { Graph } from "./ir/graph.ts";
export { equationsOf } from "./notation/equations.ts";
export { latexOf } from "./notation/latex.ts";
export { textOf } from "./notation/text.ts";
export { check } from "./prove/check.ts";
export { parseResult, type Result } from "./result/result.ts";
export type { Verdict } from "./result/verdict.ts";
export { raise } from "./rewrite/raise.ts";
export { readSpec } from "./spec/read.ts";
