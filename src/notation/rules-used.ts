/** @file Which rules made the values that the equations show, as notes below them. */
import type { RuleUse } from "../rewrite/raise.ts";
import type { Rule } from "../rewrite/rule.ts";
import { placeText } from "./text.ts";

export class RulesUsed {
  readonly #module: string;
  readonly #places = new Map<Rule, Set<string>>();

  /** Of values in the module of this path, or of all. */
  constructor(module = "") {
    this.#module = module;
  }

  /** To be given to whatever applies rules. */
  readonly told: RuleUse = (rule, origin) => {
    if (this.#module !== "" && !`${origin?.module}.`.startsWith(`${this.#module}.`)) return;
    const places = this.#places.get(rule) ?? new Set();
    this.#places.set(rule, places.add(placeText(origin)));
  };

  /** `the rule softmax made gpt2.py:174: e^a / Σ e^a → softmax(a), summed along one axis`, a line for each rule. */
  notes(): string[] {
    return [...this.#places].map(([{ name, algebra }, all]) => {
      const places = [...all].filter((place) => place !== "");
      const shown = places.slice(0, mostPlaces).join(", ");
      const more = places.length > mostPlaces ? ` and ${places.length - mostPlaces} more` : "";
      return `the rule ${name}${shown === "" ? "" : ` made ${shown}${more}`}: ${algebra}`;
    });
  }
}

/** How many places a note names. */
const mostPlaces = 3;
