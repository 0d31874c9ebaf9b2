import { gru } from "./gru.ts";
import { judged } from "./judged.ts";

judged(gru);
