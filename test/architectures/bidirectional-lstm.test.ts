import { bidirectionalLstm } from "./bidirectional-lstm.ts";
import { judged } from "./judged.ts";

judged(bidirectionalLstm);
