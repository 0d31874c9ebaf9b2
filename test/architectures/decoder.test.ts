import { decoder } from "./decoder.ts";
import { judged } from "./judged.ts";

judged(decoder);
