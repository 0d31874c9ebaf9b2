import { judged } from "./judged.ts";
import { mixtureOfExperts } from "./mixture-of-experts.ts";

judged(mixtureOfExperts);
