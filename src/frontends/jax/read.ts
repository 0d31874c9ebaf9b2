/** @file The front end of JAX: the graph of a model that the bridge has traced. */
import type { Graph } from "../../ir/graph.ts";
import type { ByteSource } from "../common/source.ts";
import { Contradiction, malformed } from "../common/xla/contradiction.ts";
import { graphOf } from "../common/xla/model.ts";
import { readDocument } from "./document.ts";

/** A traced model of 16 MiB of weights is 22 MiB of base64, beside its equations. */
const textLimit = 256 * 2 ** 20;

/**
 * The graph of a traced model. Throws a Diagnostic where the text is malformed, and Unsupported where the program is beyond
 * what is read.
 */
export async function readJaxpr(source: ByteSource): Promise<Graph> {
  if (source.size > textLimit)
    throw malformed("A1250", source.name, "JSON", `${source.size} bytes`, `at most ${textLimit} bytes`);
  try {
    return graphOf(source.name, readDocument(source.name, await source.read(0, source.size)), "A5250");
  } catch (error) {
    throw error instanceof Contradiction ? error.in("A1250", source.name) : error;
  }
}
