/** @file A world, with what is looked up in it. */
import { Surroundings } from "./guess.ts";
import { MatchIndex } from "./match.ts";
import { Memory } from "./memory.ts";
import { ParameterIndex } from "./parameter-index.ts";
import { Prober } from "./solve.ts";
import type { World } from "./world.ts";

/** A world with what the search looks up in it; shared by all specs compared in it. */
export interface Arena {
  readonly world: World;
  readonly matches: MatchIndex;
  readonly parameters: ParameterIndex;
  readonly surroundings: Surroundings;
  readonly prober: Prober;
  readonly memory: Memory;
}

export const arena = (world: World): Arena => ({
  world,
  matches: new MatchIndex(world),
  parameters: new ParameterIndex(world),
  surroundings: new Surroundings(world.graph),
  prober: new Prober(world),
  memory: new Memory(),
});
