/** @file The losses of toy problems in jax-js. */
import { at } from "../../base/assert.ts";
import type { Description, Output } from "../../toys/description.ts";
import type { JaxArray, JaxLibrary } from "./jaxjs-model.ts";
import { inShape } from "./outputs.ts";

/** The total loss of outputs by name. Consumes all arrays. */
export function lossOf(
  jax: JaxLibrary,
  { batch, outputs }: Description,
  said: Readonly<Record<string, JaxArray>>,
  targets: Readonly<Record<string, { readonly target: JaxArray; readonly share: JaxArray }>>,
): JaxArray {
  const parts = outputs.map((output) => {
    const { target, share } = targets[output.name] as { target: JaxArray; share: JaxArray };
    const items = itemLoss(jax, output, inShape(said[output.name] as JaxArray, output, batch), target);
    return jax.numpy.sum(items.mul(share)).mul(output.weight);
  });
  return parts.reduce((sum, part) => sum.add(part));
}

function itemLoss(jax: JaxLibrary, output: Output, said: JaxArray, target: JaxArray): JaxArray {
  const { nn, numpy: np } = jax;
  switch (output.kind) {
    case "categorical": {
      const chosen = nn.oneHot(target, output.width);
      return np.negative(np.sum(nn.logSoftmax(said, -1).mul(chosen), -1));
    }
    case "binary":
      // −log p(label) of a logit z is softplus(z) − label · z.
      return nn.softplus(said.ref).sub(said.mul(target));
    case "squared":
      return np.square(said.sub(target));
    case "gaussian": {
      const [mean, logVariance] = halves(np, said);
      const scaled = np.square(target.sub(mean)).mul(np.exp(np.negative(logVariance.ref)));
      return scaled
        .add(logVariance)
        .add(Math.log(2 * Math.PI))
        .mul(0.5);
    }
    case "latent": {
      target.dispose();
      const [mean, logVariance] = halves(np, said);
      return np.exp(logVariance.ref).sub(logVariance).sub(1).add(np.square(mean)).mul(0.5);
    }
    case "quantile": {
      const level = output.level ?? 0.5;
      const above = target.sub(said);
      return np.maximum(above.ref.mul(level), above.mul(level - 1));
    }
  }
}

/** The two numbers of every item. */
function halves(np: JaxLibrary["numpy"], said: JaxArray): readonly [JaxArray, JaxArray] {
  const items = said.shape.slice(0, -1);
  const [first, second] = np.split(said, 2, -1).map((half: JaxArray) => half.reshape(items));
  return [at([first], 0) as JaxArray, at([second], 0) as JaxArray];
}
