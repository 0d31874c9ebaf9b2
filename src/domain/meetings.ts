/**
 * @file How often a field could have taken two arguments of a function for one in a run. Functions such as exp and erf are known by
 * the p-residues they were given, so different arguments that meet there by accident have one result. Equal arguments almost
 * always have one q-residue too; where they don't, the meeting may have been an accident, and the error bound has to say so.
 */
export class Meetings {
  readonly #known = new Map<string, Map<number | string, number | string>>();
  #lookups = 0;
  #doubts = 0;

  /** How many arguments were looked up: no more than the square of it could have met. */
  get lookups(): number {
    return this.#lookups;
  }

  /** How many of them met another one in p but not in q. */
  get doubts(): number {
    return this.#doubts;
  }

  /** An argument of a function that keeps no memory of its own, by its residues. */
  meet(name: string, p: number | string, q: number | string): void {
    let known = this.#known.get(name);
    if (known === undefined) this.#known.set(name, (known = new Map<number | string, number | string>()));
    const before = known.get(p);
    if (before === undefined) known.set(p, q);
    this.looked(1, before === undefined || before === q);
  }

  /**
   * An argument was looked up, and was new or has the q-residue of the one it met. Where it is compared with each other argument
   * in `ways`² ways at most, it counts as so many.
   */
  looked(ways: number, isSure: boolean): void {
    this.#lookups += ways;
    if (!isSure) this.#doubts++;
  }
}

/** Arguments that were looked up in a run, or in a part of it, and how many of them are in doubt. */
export type Lookups = Pick<Meetings, "lookups" | "doubts">;
