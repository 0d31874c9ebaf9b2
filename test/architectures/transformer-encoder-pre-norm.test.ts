import { judged } from "./judged.ts";
import { encoderPreNorm } from "./transformer-encoder-pre-norm.ts";

judged(encoderPreNorm);
