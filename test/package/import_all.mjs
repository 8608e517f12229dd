// Run in a folder where clipsieve is installed, by each runtime: imports every entry and names what is missing.
const wanted = {
  clipsieve: ["Pipeline", "KMeansStage", "PairwiseStage"],
  "clipsieve/web": ["Pipeline"],
  "clipsieve/kernels": ["kmeans", "pairwise"],
  "clipsieve/reference": ["kmeansAssign", "pairwiseMax"],
};
const missing = [];
for (const [entry, names] of Object.entries(wanted)) {
  const module = await import(entry);
  missing.push(
    ...names.filter((name) => typeof module[name] !== "function").map((name) => `${entry}: ${name}`),
  );
}
if (missing.length > 0) throw new Error(`not exported: ${missing.join(", ")}`);
console.log("all there");
