import { judged } from "./judged.ts";
import { llamaInterleaved } from "./llama-interleaved.ts";

judged(llamaInterleaved);
