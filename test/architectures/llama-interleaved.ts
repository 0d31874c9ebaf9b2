/** @file A block of Llama, with rotary positions in neighbouring pairs. */
import type { Architecture } from "./architecture.ts";

export const llamaInterleaved: Architecture = {
  name: "Llama block, rotated in neighbouring pairs",
  spec: "llama-block-interleaved",
  right: [
    { program: "llama_interleaved", written: "neighbouring pairs are rotated" },
    { program: "llama_pairs_of_neighbours", written: "as Meta's code names it" },
    {
      program: "llama_by_hand",
      written: "halves are rotated, which only renames columns",
      short: "undecided",
    },
  ],
  wrong: [],
};
