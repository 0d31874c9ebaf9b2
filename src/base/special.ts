/** @file Functions of numbers that JavaScript's Math lacks. */

/**
 * The error function to about one unit in the last place: its Maclaurin series for |x| < 2.5 (Abramowitz and Stegun 7.1.6,
 * whose terms are all positive), and the continued fraction of erfc beyond (7.1.14).
 */
export function erf(x: number): number {
  if (Number.isNaN(x)) return x;
  const size = Math.abs(x);
  return Math.sign(x) * (size < 2.5 ? series(size) : 1 - tail(size));
}

function series(x: number): number {
  let [term, sum] = [x, x];
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

function tail(x: number): number {
  if (x > 6) return 0;
  let fraction = x;
  for (let k = 60; k >= 1; k--) fraction = x + k / 2 / fraction;
  return Math.exp(-x * x) / (Math.sqrt(Math.PI) * fraction);
}

/** 1 − erf(x) for x ≥ 0, without the loss of digits that the difference has. */
const complement = (x: number): number => (x < 2.5 ? 1 - series(x) : tail(x));

/** The x whose erf is y, by Newton's method on erfc from the approximation of Winitzki 2008. */
export function inverseErf(y: number): number {
  const size = Math.abs(y);
  if (!(size < 1)) return size === 1 ? y * Number.POSITIVE_INFINITY : Number.NaN;
  if (size < 1e-8) return (y * Math.sqrt(Math.PI)) / 2;
  const log = Math.log1p(-size * size);
  const centre = 2 / (Math.PI * 0.147) + log / 2;
  let x = Math.sqrt(Math.sqrt(centre * centre - log / 0.147) - centre);
  for (let round = 0; round < 4; round++) {
    const error = size < 0.5 ? size - series(x) : complement(x) - (1 - size);
    x += (error * Math.sqrt(Math.PI) * Math.exp(x * x)) / 2;
  }
  return Math.sign(y) * x;
}

/** Coefficients of Lanczos 1964 for g = 7 and nine terms, by Godfrey's method. */
const lanczos = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];

/** log |Γ(x)|; infinite at 0, −1, −2, … */
export function logGamma(x: number): number {
  if (x === Number.NEGATIVE_INFINITY || (x <= 0 && Number.isInteger(x))) return Number.POSITIVE_INFINITY;
  if (x < 0.5) return Math.log(Math.PI / Math.abs(Math.sin(Math.PI * (x % 2)))) - logGamma(1 - x);
  // Near its zeros 1 and 2 the formula loses digits: the recurrence leads to 3 and more.
  if (x < 2.5) return logGamma(x + 1) - Math.log(x);
  const [z, t] = [x - 1, x + 6.5];
  const sum = lanczos.reduce((total, term, i) => total + (i === 0 ? term : term / (z + i)), 0);
  return Math.log(2 * Math.PI) / 2 + (z + 0.5) * Math.log(t) - t + Math.log(sum);
}

/** The derivative of log Γ; NaN at −1, −2, … (Abramowitz and Stegun 6.3.5, 6.3.7, 6.3.18). */
export function digamma(x: number): number {
  if (x === 0) return Number.NEGATIVE_INFINITY;
  if (x < 0) return Number.isInteger(x) ? Number.NaN : digamma(1 - x) - Math.PI / Math.tan(Math.PI * (x % 1));
  let [shifted, sum] = [x, 0];
  for (; shifted < 10; shifted++) sum -= 1 / shifted;
  const square = 1 / (shifted * shifted);
  const tails = [1 / 12, -1 / 120, 1 / 252, -1 / 240, 1 / 132, -691 / 32760, 1 / 12];
  const series = tails.reduceRight((total, term) => (total + term) * square, 0);
  return sum + Math.log(shifted) - 0.5 / shifted - series;
}

/** To the nearest integer, of two the even one (IEEE 754 roundTiesToEven). */
export function roundToEven(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  if (rest !== 0.5) return rest < 0.5 ? floor : floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}
