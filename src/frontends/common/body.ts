/** @file The builder of a graph inside a node: what it takes from the graph around becomes inputs, or is made there again. */
import { get } from "../../base/assert.ts";
import { type Node, type NodeOf, reachable, rebuild } from "../../ir/graph.ts";
import type { TensorType } from "../../ir/type.ts";
import { newBuilder } from "../../ops/table.ts";
import { Maker } from "./maker.ts";

/** Nodes up to which a constant is made again rather than handed in. */
const constantLimit = 256;

export class Body {
  readonly maker: Maker;
  /** Values of the graph around that it uses, and the inputs that stand for them. */
  readonly captured: Map<Node, NodeOf<"Input">> = new Map<Node, NodeOf<"Input">>();
  #inputs = 0;

  constructor(note: (text: string) => void) {
    this.maker = new Maker(newBuilder(), note);
  }

  /** An input; equal names and types are told apart. */
  input(name: string, { shape, dtype }: TensorType): NodeOf<"Input"> {
    return this.maker.build.node("Input", [], { name: `${name}#${this.#inputs++}`, shape, dtype });
  }

  /** What stands here for a node of the graph around: constants are made again, so that shapes stay known. */
  imported(node: Node): Node {
    const parts = reachable([node]);
    const isConstant = !parts.some(({ op }) => op === "Input" || op === "Parameter" || op === "Opaque");
    if (isConstant && parts.length <= constantLimit) return this.#again(parts, node);
    const known = this.captured.get(node) ?? this.input("given", node.type);
    this.captured.set(node, known);
    return known;
  }

  #again(parts: readonly Node[], node: Node): Node {
    const image = new Map<Node, Node>();
    for (const part of parts) {
      image.set(
        part,
        rebuild(
          this.maker.build,
          part,
          part.inputs.map((input) => get(image, input)),
        ),
      );
    }
    return get(image, node);
  }
}
