import { gpt2 } from "./gpt-2.ts";
import { judged } from "./judged.ts";

judged(gpt2);
