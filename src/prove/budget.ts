/** @file What a search for edits may spend before it gives up. */
import type { Overlay } from "./bind.ts";
import type { Search } from "./candidate.ts";

/** Edited specs looked at, and values computed for them, before a search gives up. */
const mostTried = 10_000;
const mostEffort = 400_000;

/** What is left to be spent. */
export class Budget {
  readonly #search: Search;
  #tried = 0;
  #effort = 0;

  constructor(search: Search) {
    this.#search = search;
  }

  /** Whether another edited spec may be looked at. */
  take(): boolean {
    if (this.#tried >= mostTried || this.#effort >= mostEffort) return false;
    if (++this.#tried % 50 === 0) this.#search.onProgress?.(this.#tried);
    return true;
  }

  spend({ effort }: Pick<Overlay, "effort">): void {
    this.#effort += effort;
  }
}
