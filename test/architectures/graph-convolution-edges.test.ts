import { graphConvolutionEdges } from "./graph-convolution-edges.ts";
import { judged } from "./judged.ts";

judged(graphConvolutionEdges);
