/** @file Optimizers as they are commonly used, among which an unknown one is looked for. */
import type { Settings } from "./settings.ts";

const momenta = [0.9, 0.95, 0.99, 0.8, 0.5];
const firsts = [0.9, 0.95, 0.8, 0.5, 0];
const seconds = [0.999, 0.99, 0.98, 0.95, 0.9];
const epsilons = [1e-8, 1e-7, 1e-6, 1e-5, 1e-10];
const decays = [0, 0.01, 0.1, 0.05, 1e-3, 1e-4, 5e-4];

/** All of them, with what stands around the rule as it is in `like`. */
export function usualSettings(like: Settings | undefined): Settings[] {
  const common = { learningRate: 1, accumulate: like?.accumulate ?? 1, mostNorm: like?.mostNorm };
  const descent = decays.flatMap((weightDecay): Settings[] => {
    const plain = {
      kind: "sgd" as const,
      ...common,
      weightDecay,
      nesterov: false,
      dampening: 0,
      decoupled: false,
      momentum: 0,
    };
    const withMomentum = momenta.flatMap((momentum) => {
      const coupled = { ...plain, momentum };
      const forms = [coupled, { ...coupled, nesterov: true }, { ...coupled, dampening: momentum }];
      return [...forms, ...(weightDecay > 0 ? forms.map((form) => ({ ...form, decoupled: true })) : [])];
    });
    return [plain, ...withMomentum];
  });
  const adaptive = epsilons.flatMap((epsilon) =>
    seconds.flatMap((beta2) =>
      decays.flatMap((weightDecay): Settings[] => [
        ...firsts.flatMap((beta1): Settings[] => {
          const own = { ...common, beta1, beta2, epsilon, weightDecay };
          return [{ kind: "adam", ...own }, ...(weightDecay > 0 ? [{ kind: "adamw" as const, ...own }] : [])];
        }),
        { kind: "rmsprop", ...common, beta2, epsilon, weightDecay },
      ]),
    ),
  );
  const signs = decays.flatMap((weightDecay) =>
    [0.99, 0.98].map(
      (beta2): Settings => ({
        kind: "lion",
        ...common,
        beta1: beta2 === 0.99 ? 0.9 : 0.95,
        beta2,
        weightDecay,
      }),
    ),
  );
  return [...(like === undefined ? [] : [like]), ...descent, ...adaptive, ...signs];
}

/** What most people use: where one of them is nearly met, the bug is named. */
export function isPlain(settings: Settings): boolean {
  const { weightDecay } = settings;
  const usually = weightDecay === 0 || weightDecay === 0.01 || weightDecay === 0.1;
  switch (settings.kind) {
    case "sgd":
      return usually && settings.dampening === 0 && (settings.momentum === 0 || settings.momentum === 0.9);
    case "adam":
    case "adamw":
      return usually && settings.beta1 === 0.9 && settings.beta2 === 0.999 && settings.epsilon === 1e-8;
    case "rmsprop":
      return false;
    case "lion":
      return usually && settings.beta2 === 0.99;
  }
}
