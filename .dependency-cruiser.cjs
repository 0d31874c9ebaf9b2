// The architecture: what each folder of src/ may import. docs/architecture.md prints this table.
const small = ["base", "diag", "ir", "ops"];
const core = [...small, "domain", "eval", "grad", "rewrite", "notation", "spec", "result"];

/** @type {Record<string, string[]>} */
const layers = {
  base: [],
  diag: ["base"],
  ir: ["base", "diag"],
  domain: ["base"],
  ops: ["base", "diag", "ir", "domain"],
  eval: ["base", "diag", "ir", "domain", "ops"],
  grad: small,
  rewrite: small,
  notation: [...small, "rewrite"],
  spec: [...small, "notation"],
  frontends: small,
  prove: core,
  lint: core,
  training: core,
  toys: [...small, "eval", "domain", "result"],
  bakeoff: [...core, "prove", "training", "toys"],
  execute: ["base", "diag"],
  result: ["base"],
  report: ["base", "diag", "result", "notation"],
};

/** Folders that may use Node's own modules; the others also run in a browser. */
const nodeLayers = ["cli", "execute", "report"];

module.exports = {
  forbidden: [
    {
      name: "no-cycles",
      comment: "modules that import each other can't be read or tested one at a time",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    {
      name: "known-layer",
      comment: "every file of src/ belongs to a layer of this table",
      severity: "error",
      from: { path: "^src/[^/]+/", pathNot: `^src/(${[...Object.keys(layers), "cli"].join("|")})/` },
      to: {},
    },
    ...Object.entries(layers).map(([from, to]) => ({
      name: `layer-${from}`,
      comment: `src/${from} may import ${to.length === 0 ? "nothing of src" : to.join(", ")}`,
      severity: "error",
      from: { path: `^src/${from}/` },
      to: { path: "^src/", pathNot: `^src/(${[from, ...to].join("|")})/` },
    })),
    {
      name: "front-ends-apart",
      comment: "no front end sees another; src/frontends/common is what they share",
      severity: "error",
      from: { path: "^src/frontends/([^/]+)/" },
      to: { path: "^src/frontends/", pathNot: "^src/frontends/($1|common)/" },
    },
    {
      name: "node-apart",
      comment: `only ${nodeLayers.join(", ")} touch Node's own modules`,
      severity: "error",
      from: { path: "^src/", pathNot: `^src/(${nodeLayers.join("|")})/` },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "product-apart",
      comment: "the product does not import its tests and tools",
      severity: "error",
      from: { path: "^src/" },
      to: { path: "^(test|tools|bench)/" },
    },
    {
      name: "resolvable",
      comment: "an import that can't be found is not checked by the rules above",
      severity: "error",
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    // swc counts type-only imports too.
    parser: "swc",
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "node", "default"] },
  },
};
