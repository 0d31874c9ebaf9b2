import { judged } from "./judged.ts";
import { lenet } from "./lenet.ts";

judged(lenet);
