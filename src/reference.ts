// "clipsieve/reference": the float64 twins of the kernels in plain loops, to check results against.
export { centroidDistance } from "./reference/centroid_distance.ts";
export { frameToRows } from "./reference/frame_to_rows.ts";
export { frameToTensor } from "./reference/frame_to_tensor.ts";
export { kmeansAssign } from "./reference/kmeans_assign.ts";
export { kmeansBases } from "./reference/kmeans_bases.ts";
export { kmeansCost } from "./reference/kmeans_cost.ts";
export { kmeansOffsets } from "./reference/kmeans_offsets.ts";
export { kmeansRank } from "./reference/kmeans_rank.ts";
export { kmeansScatter } from "./reference/kmeans_scatter.ts";
export { kmeansSeed } from "./reference/kmeans_seed.ts";
export { kmeansSum } from "./reference/kmeans_sum.ts";
export { kmeansUpdate } from "./reference/kmeans_update.ts";
export { meanPool } from "./reference/mean_pool.ts";
export { pairwiseMatch } from "./reference/pairwise_match.ts";
export { pairwiseMax } from "./reference/pairwise_max.ts";
export { panelPack } from "./reference/panel_pack.ts";
export { rowNormalize } from "./reference/row_normalize.ts";
