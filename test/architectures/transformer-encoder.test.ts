import { judged } from "./judged.ts";
import { encoder } from "./transformer-encoder.ts";

judged(encoder);
