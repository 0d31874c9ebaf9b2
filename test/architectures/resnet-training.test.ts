import { judged } from "./judged.ts";
import { resnetTraining } from "./resnet-training.ts";

judged(resnetTraining);
