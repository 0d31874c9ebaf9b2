import { judged } from "./judged.ts";
import { llama } from "./llama.ts";

judged(llama);
