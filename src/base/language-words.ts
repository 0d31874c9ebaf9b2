/** @file Words that mean something in the specification language, so that nothing in a printed text is called so. */
export const languageWords: ReadonlySet<string> = new Set(
  [
    "exp log sqrt sin cos erf abs tanh sigmoid relu leaky_relu elu silu gelu gelu_tanh softplus max min softmax",
    "log_softmax cross_entropy normalize rms_normalize sum mean var sample_var logsumexp rank argmax argmin reshape permute broadcast concat where and or",
    "floor round asin acos atan atan2 lgamma digamma erfinv pow trunc quotient bits_and bits_or bits_xor bits_left bits_right",
    "not stop_gradient norm pi e inf ln for in range conv max_pool avg_pool windows pad split merge repeat stack rotate_half causal hide rotary rotary_pairs interleave batch_normalize group_normalize unknown",
  ]
    .join(" ")
    .split(" "),
);
