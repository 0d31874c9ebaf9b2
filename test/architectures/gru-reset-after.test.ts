import { gruResetAfter } from "./gru-reset-after.ts";
import { judged } from "./judged.ts";

judged(gruResetAfter);
