/** @file The losses of toy problems in TensorFlow.js. */
import { at } from "../../base/assert.ts";
import type { Description, Output } from "../../toys/description.ts";
import { inShape } from "./outputs.ts";
import type { TfLibrary, TfTensor } from "./tfjs-model.ts";

/** The total loss of outputs by name. */
export function lossOf(
  tf: TfLibrary,
  { batch, outputs }: Description,
  said: Readonly<Record<string, TfTensor>>,
  targets: Readonly<Record<string, { readonly target: TfTensor; readonly share: TfTensor }>>,
): TfTensor {
  const parts = outputs.map((output) => {
    const { target, share } = targets[output.name] as { target: TfTensor; share: TfTensor };
    const items = itemLoss(tf, output, inShape(said[output.name] as TfTensor, output, batch), target);
    return items.mul(share).sum().mul(output.weight);
  });
  return parts.reduce((sum, part) => sum.add(part));
}

function itemLoss(tf: TfLibrary, output: Output, said: TfTensor, target: TfTensor): TfTensor {
  switch (output.kind) {
    case "categorical": {
      const chosen = tf.oneHot(target.toInt(), output.width);
      return said.logSoftmax(-1).mul(chosen).sum(-1).neg();
    }
    case "binary":
      // −log p(label) of a logit z is softplus(z) − label · z.
      return said.softplus().sub(said.mul(target));
    case "squared":
      return said.sub(target).square();
    case "gaussian": {
      const [mean, logVariance] = halves(said);
      const scaled = target.sub(mean).square().mul(logVariance.neg().exp());
      return scaled
        .add(logVariance)
        .add(Math.log(2 * Math.PI))
        .mul(0.5);
    }
    case "latent": {
      const [mean, logVariance] = halves(said);
      return logVariance.exp().sub(logVariance).sub(1).add(mean.square()).mul(0.5);
    }
    case "quantile": {
      const level = output.level ?? 0.5;
      const above = target.sub(said);
      return tf.maximum(above.mul(level), above.mul(level - 1));
    }
  }
}

/** The two numbers of every item. */
function halves(said: TfTensor): readonly [TfTensor, TfTensor] {
  const items = said.shape.slice(0, -1);
  const parts = said.split(2, -1).map((half) => half.reshape(items));
  return [at(parts, 0), at(parts, 1)];
}
