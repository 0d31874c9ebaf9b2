/** @file The encoder of the Transformer with normalisation in front. */
import type { Architecture } from "./architecture.ts";

export const encoderPreNorm: Architecture = {
  name: "Transformer encoder, normalised first",
  spec: "transformer-encoder-pre-norm",
  sizes: { L: 1 },
  right: [{ program: "transformer_encoder_pre_norm", written: "nn.MultiheadAttention" }],
  wrong: [],
};
