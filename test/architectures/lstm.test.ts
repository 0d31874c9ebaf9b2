import { judged } from "./judged.ts";
import { lstm } from "./lstm.ts";

judged(lstm);
