import { judged } from "./judged.ts";
import { twoLayer } from "./two-layer.ts";

judged(twoLayer);
