import { judged } from "./judged.ts";
import { vae } from "./vae.ts";

judged(vae);
