import { judged } from "./judged.ts";
import { resnet } from "./resnet.ts";

judged(resnet);
