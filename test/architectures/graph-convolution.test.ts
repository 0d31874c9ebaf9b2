import { graphConvolution } from "./graph-convolution.ts";
import { judged } from "./judged.ts";

judged(graphConvolution);
