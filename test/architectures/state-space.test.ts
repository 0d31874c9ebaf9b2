import { judged } from "./judged.ts";
import { stateSpace } from "./state-space.ts";

judged(stateSpace);
