/** @file The front end of JAX: the graph of a model that the bridge has traced. */
import { quoted } from "../../diag/diagnostic.ts";
import type { Graph } from "../../ir/graph.ts";
import { Contradiction } from "../common/contradiction.ts";
import type { ByteSource } from "../common/source.ts";
import { graphOf } from "../common/xla/model.ts";
import { readDocument } from "./document.ts";

/** A traced model of 16 MiB of weights is 22 MiB of base64, beside its equations. */
const textLimit = 256 * 2 ** 20;

/**
 * The graph of a traced model. Throws a Diagnostic where the text is malformed, and Unsupported where the program is beyond
 * what is read.
 */
export async function readJaxpr(source: ByteSource): Promise<Graph> {
  try {
    if (source.size > textLimit)
      throw new Contradiction("JSON", `${source.size} bytes`, `at most ${textLimit} bytes`);
    return graphOf(source.name, readDocument(await source.read(0, source.size)), "A5250");
  } catch (error) {
    throw error instanceof Contradiction ? error.in(quoted(source.name), "A1250") : error;
  }
}
