/** @file Models in plain text and in LaTeX, which must give the same graph. */

export interface Pair {
  readonly name: string;
  readonly plain: string;
  readonly latex: string;
}

export const pairs: readonly Pair[] = [
  {
    name: "mlp",
    plain: `Mlp(x : [B, 3]) -> y : [B, K]
  h = tanh(x W_1 + b_1)                                   (1)
  y = h W_2 + b_2                                         (2)
where
  W_1 : [3, H]   first layer
  b_1 : [H]
  W_2 : [H, K]
  b_2 : [K]
`,
    latex: String.raw`\begin{aligned}
\operatorname{Mlp}(x \in \mathbb{R}^{B \times 3}) &\to y \in \mathbb{R}^{B \times K} \\
h &= \tanh\left(x W_{1} + b_{1}\right) \tag{1} \\
y &= h W_{2} + b_{2} \tag{2} \\
&\text{where } W_{1} \in \mathbb{R}^{3 \times H},\; b_{1} \in \mathbb{R}^{H},\; W_{2} \in \mathbb{R}^{H \times K}
\text{ and } b_{2} \in \mathbb{R}^{K}
\end{aligned}`,
  },
  {
    name: "attention",
    plain: `Attention(x : [B, T, d]) -> y : [B, T, d]
  q = x W_q
  k = x W_k
  v = x W_v
  a[b,i,j] = softmax_j(sum_c(q[b,i,c] k[b,j,c]) / sqrt(d))
  y[b,i,:] = sum_j a[b,i,j] v[b,j,:]
where
  W_q, W_k, W_v : [d, d]
  d = 64
`,
    latex: String.raw`\mathrm{Attention}(x : [B, T, d]) \to y : [B, T, d]
  q = x W_q
  k = x W_{\mathrm{k}}
  v = x W_{\text{v}}
  a[b,i,j] = \operatorname{softmax}_{j}\left(\frac{\sum_{c=1}^{d} q[b,i,c] \, k[b,j,c]}{\sqrt{d}}\right)
  y[b,i,:] = \sum_{j} a[b,i,j] v[b,j,:]
where
  W_q, W_k, W_v \in \mathbb{R}^{d \times d}
  d = 64
`,
  },
  {
    name: "matrix-attention",
    plain: `Attention(Q : [n, d], K : [m, d], V : [m, p]) -> y : [n, p]
  y = softmax_m(Q K^T / sqrt(d)) V
`,
    latex: String.raw`\mathrm{Attention}(Q \in \mathbb{R}^{n \times d}, K \in \mathbb{R}^{m \times d}, V \in \mathbb{R}^{m \times p}) \to y \in \mathbb{R}^{n \times p}
y = \mathrm{softmax}_m\left(\frac{Q K^\top}{\sqrt{d}}\right) V
`,
  },
  {
    name: "columns",
    plain: `Column(x : [d]) -> y : [K]
  h = sigmoid(W x + b)
  y = U h + w^T h
where W : [H, d], b : [H], U : [K, H], w : [H]
`,
    latex: String.raw`\[ \operatorname{Column}(x \in \mathbb{R}^{d}) \to y \in \mathbb{R}^K \]
h = \sigma(\mathbf{W} x + \boldsymbol{b})
y = U h + w^{\top} h
where \mathbf{W} \in \mathbb{R}^{H \times d}, \bm{b} \in \mathbb{R}^H, U \in \mathbb{R}^{K \times H}, w \in \mathbb{R}^{H}
`,
  },
  {
    name: "layer-norm",
    plain: `LayerNorm(x : [B, d]) -> y : [B, d]
  m[b] = mean_i x[b,i]
  v[b] = mean_i (x[b,i] - m[b])^2
  y[b,i] = gamma[i] * (x[b,i] - m[b]) / sqrt(v[b] + epsilon) + beta[i]
where
  gamma, beta : [d]
  epsilon = 1e-5
`,
    latex: String.raw`\operatorname{LayerNorm}(x : [B, d]) \rightarrow y : [B, d]
  m[b] = \operatorname*{mean}_{i} x[b,i]
  v[b] = \operatorname*{mean}_{i} \left(x[b,i] - m[b]\right)^{2}
  y[b,i] = \frac{\gamma[i] \odot \left(x[b,i] - m[b]\right)}{\sqrt{v[b] + \varepsilon}} + \beta[i]
where
  \gamma, \beta : [d]
  \varepsilon = 1e-5
`,
  },
  {
    name: "norms",
    plain: `Norms(x : [B, d]) -> a : [B, d], r : [B, d], p : [B, d]
  a = normalize_d(x, 1e-5) * gamma + beta
  r = rms_normalize_d(x, 1e-6)
  p = log_softmax_d(-|x| / 2)
where gamma, beta : [d]
`,
    latex: String.raw`\operatorname{Norms}(x : [B, d]) \to a : [B, d], r : [B, d], p : [B, d]
  a = \operatorname{normalize}_{d}(x, 1e-5) \odot \gamma + \beta
  r = \operatorname{rms\_normalize}_{d}(x, 1e-6)
  p = \operatorname{log\_softmax}_{d}\left(-\frac{\left|x\right|}{2}\right)
where \gamma, \beta : [d]
`,
  },
  {
    name: "embedding",
    plain: `Embedding(idx : [B, T] integers below V) -> logits : [B, T, V]
  x = E[idx] + P[0:8]
  logits = (x + gelu(x W_1 + b_1) W_2) E^T
where
  E : [V, d]        token embedding
  P : [1024, d]     positions
  W_1 : [d, 4 d]
  b_1 : [4 d]
  W_2 : [4 d, d]
  T = 8
`,
    latex: String.raw`\operatorname{Embedding}(\mathit{idx} : [B, T] integers) \to \mathit{logits} : [B, T, V]
  x = E[\mathit{idx}] + P[0:8]
  \mathit{logits} = (x + \operatorname{GELU}(x W_1 + b_1) W_2) E^{T}
where
  E \in \mathbb{R}^{V \times d}
  P \in \mathbb{R}^{1024 \times d}
  W_1 \in \mathbb{R}^{d \times 4d}
  b_1 \in \mathbb{R}^{4 d}
  W_2 \in \mathbb{R}^{4 d \times d}
  T = 8
`,
  },
  {
    name: "contractions",
    plain: `Contractions(x : [B, n], A : [n, m, k]) -> y : [B, k], z : [k, m], t : []
  y[b,c] = sum_{i,j} x[b,i] A[i,j,c] w[j]
  z[c,j] = sum_i u[i] A[i,j,c] u[i]
  t = sum_i sum_j u[i] v[j] / 3
where u : [n], v, w : [m]
`,
    latex: String.raw`\operatorname{Contractions}(x : [B, n], A : [n, m, k]) \to y : [B, k], z : [k, m], t : []
  y[b,c] = \sum_{i,j} x[b,i] \cdot A[i,j,c] \cdot w[j]
  z[c,j] = \sum_{i} u[i] \, A[i,j,c] \, u[i]
  t = \sum\nolimits_{i} \sum\limits_{j} u[i] v[j] / 3
where u : [n], v, w : [m]
`,
  },
  {
    name: "subscripts",
    plain: `Subscripts(x : [B, n], idx : [B] integers) -> y : [B, n], z : [n, n], e : [B, n]
  y[b,i] = sum_j A_1[i,j] x[b,j] + b_1[i]
  z[i,j] = A_1[j,i] * 2
  e = E[idx]
where
  A_1 : [n, n]
  b_1 : [n]
  E : [V, n]
`,
    latex: String.raw`\operatorname{Subscripts}(x : [B, n], \mathit{idx} : [B] integers) \to y : [B, n], z : [n, n], e : [B, n]
  y_{bi} = \sum_{j} A^{(1)}_{ij} x_{bj} + b^{(1)}_i
  z_{i,j} = A^{(1)}_{j,i} \cdot 2
  e = E_{\mathit{idx}}
where
  A^{(1)} \in \mathbb{R}^{n \times n}
  b^{(1)} \in \mathbb{R}^{n}
  E \in \mathbb{R}^{V \times n}
`,
  },
  {
    name: "activations",
    plain: `Activations(x : [n]) -> y : [n]
  y = relu(x) + leaky_relu(x, 0.01) - elu(x) * silu(x) / softplus(x) + gelu_tanh(x) + erf(x) + exp(x) log(2) + max(x, 0) + min(x, pi) + sin(x)^2 + cos(x)^(1/2) + e^(-x)
`,
    latex: String.raw`\operatorname{Activations}(x : [n]) \to y : [n]
  y = \operatorname{ReLU}(x) + \operatorname{leaky\_relu}(x, 0.01)
    - \frac{\operatorname{elu}(x) \odot \operatorname{SiLU}(x)}{\operatorname{softplus}(x)} + \operatorname{gelu\_tanh}(x)
    + \operatorname{erf}(x) + \exp(x) \ln(2) + \max(x, 0) + \min(x, \pi) + \sin(x)^{2} + \cos(x)^{1/2} + e^{-x}
`,
  },
  {
    name: "comparisons",
    plain: `Comparisons(x : [B, n], y : [B, n], m : [n] booleans) -> z : [B, n]
  z = where(x < y and not(m) or x >= 1, stop_gradient(x), where(x == y, -inf, y))
`,
    latex: String.raw`\operatorname{Comparisons}(x : [B, n], y : [B, n], m : [n] booleans) \to z : [B, n]
  z = \operatorname{where}(x < y \wedge \neg(m) \lor x \geq 1, \operatorname{stop\_gradient}(x), \operatorname{where}(x = y, -\mathrm{inf}, y))
`,
  },
  {
    name: "structure",
    plain: `Structure(x : [B, n, m]) -> y : [B, 2 m, n], r : [B, m], s : [B, n + 3]
  y = permute(concat_m(x, x), [0, 2, 1])
  r = reshape(x, [B, n*m])[:, 0:8:2]
  s = concat_n(x[:, :, 0], broadcast(c, [B, 3]))
where
  c : [3]
  n = 2
  m = 4
`,
    latex: String.raw`\operatorname{Structure}(x : [B, n, m]) \to y : [B, 2 m, n], r : [B, m], s : [B, n + 3]
  y = \operatorname{permute}(\operatorname{concat}_{m}(x, x), [0, 2, 1])
  r = \operatorname{reshape}(x, [B, n m])[:, 0:8:2]
  s = \operatorname{concat}_{n}(x[:, :, 0], \operatorname{broadcast}(c, [B, 3]))
where
  c : [3]
  n = 2
  m = 4
`,
  },
  {
    name: "reductions",
    plain: `Reductions(x : [B, n]) -> a : [B], b : [], c : [n], d : [B], f : [], g : [B]
  a = max_n(x) + logsumexp_n(x)
  b = mean((x - 1)^2)
  c = var_B(x) * sample_var_B(x)
  d = sum_n x * x - 1
  f = sum_{B,n}(x) / 2
  g[p] = norm(x[p,:]) + x[p,:] . x[p,:]
`,
    latex: String.raw`\operatorname{Reductions}(x : [B, n]) \to a : [B], b : [], c : [n], d : [B], f : [], g : [B]
  a = \max_{n}(x) + \operatorname{logsumexp}_{n}(x)
  b = \operatorname{mean}((x - 1)^2)
  c = \operatorname{var}_{B}(x) \odot \operatorname{sample\_var}_{B}(x)
  d = \sum_n x \odot x - 1
  f = \frac{\operatorname{sum}_{B,n}(x)}{2}
  g[p] = \left\|x[p,:]\right\| + x[p,:] \cdot x[p,:]
`,
  },
];
